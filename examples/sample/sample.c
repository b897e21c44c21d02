/* The program behind the sample trace: five ways to use memory, one after the other. No input, no time, no addresses that
 * change: every run makes the same references, except for what the C library does with its environment. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MATRIX 32
#define NODES 2500
#define ROWS 1500
#define BUCKETS 2048
#define GRID 96
#define NUMBERS 500

/* A linear congruential generator: the same numbers everywhere. */
static uint32_t state = 1989;

static uint32_t next_random(void)
{
	state = state * 1664525u + 1013904223u;
	return state >> 8;
}

/* Rows of a, columns of b: one walks along lines, the other across them. */
static double multiply(void)
{
	static double a[MATRIX][MATRIX], b[MATRIX][MATRIX], c[MATRIX][MATRIX];
	for (int i = 0; i < MATRIX; i++)
		for (int j = 0; j < MATRIX; j++) {
			a[i][j] = i + j;
			b[i][j] = i - j;
		}
	for (int i = 0; i < MATRIX; i++)
		for (int j = 0; j < MATRIX; j++) {
			double sum = 0;
			for (int k = 0; k < MATRIX; k++)
				sum += a[i][k] * b[k][j];
			c[i][j] = sum;
		}
	return c[MATRIX / 2][MATRIX / 3];
}

/* A list whose order has nothing to do with where its nodes are. */
struct node {
	struct node *next;
	uint64_t value;
	char rest[112];
};

static uint64_t walk_list(void)
{
	struct node *nodes = malloc(NODES * sizeof *nodes);
	uint32_t *order = malloc(NODES * sizeof *order);
	for (uint32_t i = 0; i < NODES; i++)
		order[i] = i;
	for (uint32_t i = NODES - 1; i > 0; i--) {
		uint32_t j = next_random() % (i + 1), swap = order[i];
		order[i] = order[j];
		order[j] = swap;
	}
	for (uint32_t i = 0; i < NODES; i++) {
		nodes[order[i]].next = i + 1 < NODES ? &nodes[order[i + 1]] : NULL;
		nodes[order[i]].value = i;
	}
	uint64_t sum = 0;
	for (int round = 0; round < 6; round++)
		for (struct node *node = &nodes[order[0]]; node; node = node->next)
			sum += node->value;
	free(order);
	free(nodes);
	return sum;
}

/* Build a hash table from one column, probe it with another. */
struct entry {
	uint32_t key, payload;
	struct entry *next;
};

static uint64_t hash_join(void)
{
	struct entry **table = calloc(BUCKETS, sizeof *table);
	struct entry *entries = malloc(ROWS * sizeof *entries);
	for (uint32_t i = 0; i < ROWS; i++) {
		uint32_t key = next_random() % (4 * ROWS);
		struct entry **bucket = &table[key * 2654435761u >> 21];
		entries[i] = (struct entry){ key, i, *bucket };
		*bucket = &entries[i];
	}
	uint64_t matches = 0;
	for (uint32_t i = 0; i < 2 * ROWS; i++) {
		uint32_t key = next_random() % (4 * ROWS);
		for (struct entry *entry = table[key * 2654435761u >> 21]; entry; entry = entry->next)
			if (entry->key == key)
				matches += entry->payload;
	}
	free(entries);
	free(table);
	return matches;
}

/* Neighbours of each point: rows that are a page apart fight for the same sets. */
static int32_t stencil(void)
{
	static int32_t grid[2][GRID][1024];
	for (int step = 0; step < 2; step++)
		for (int y = 1; y + 1 < GRID; y++)
			for (int x = 1; x < 32; x++) {
				int32_t (*from)[1024] = grid[step & 1], (*to)[1024] = grid[~step & 1];
				to[y][x] = (from[y - 1][x] + from[y + 1][x] + from[y][x - 1] + from[y][x + 1] + x * y) / 4;
			}
	return grid[1][GRID / 2][20];
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static uint32_t sort(void)
{
	static uint32_t numbers[NUMBERS];
	for (int i = 0; i < NUMBERS; i++)
		numbers[i] = next_random();
	qsort(numbers, NUMBERS, sizeof numbers[0], ascending);
	return numbers[NUMBERS / 2];
}

int main(void)
{
	printf("matrix %.0f\n", multiply());
	printf("list %llu\n", (unsigned long long)walk_list());
	printf("join %llu\n", (unsigned long long)hash_join());
	printf("stencil %d\n", stencil());
	printf("sort %u\n", sort());
	return 0;
}
