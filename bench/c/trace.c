// The machine of bench/trace.mjs the way a C programmer would write it for speed: tags in MRU order, one u64 a line
// (line number << 1 | dirty), the first way compared in line, the rest in a loop that shifts as it searches.
//
//   trace RECORDS    holds the file of 8-byte records in memory; then, for each line on standard input, simulates it from
//                    cold and prints milliseconds, of time and of the processor, and counts, as JSON.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint64_t u64;
typedef uint32_t u32;

typedef struct Level {
	u64 *entries;
	u64 mask;
	u32 ways;
	struct Level *below;
	u64 reads, readMisses, writes, writeMisses, writebacks;
} Level;

enum { READ = 0, WRITE = 1, FETCH = 2, WRITE_BACK = 3 };

static Level l1i, l1d, l2, l3;

static void reference(Level *level, u64 line, int kind);

static void missed(Level *level, u64 *set, u64 out, u64 line, int kind) {
	if (kind & 1) level->writeMisses++;
	else level->readMisses++;
	if (kind != WRITE_BACK && level->below) {
		level->below->reads++;
		reference(level->below, line, READ);
	}
	set[0] = line << 1 | (kind & 1);
	if (out != ~0ull && (out & 1)) {
		level->writebacks++;
		if (level->below) {
			level->below->writes++;
			reference(level->below, out >> 1, WRITE_BACK);
		}
	}
}

static __attribute__((noinline)) void search(Level *level, u64 *set, u64 first, u64 line, int kind) {
	u64 before = first;
	u32 ways = level->ways;
	for (u32 i = 1; i < ways; i++) {
		u64 entry = set[i];
		set[i] = before;
		if (entry >> 1 == line) {
			set[0] = entry | (kind & 1);
			return;
		}
		before = entry;
	}
	missed(level, set, before, line, kind);
}

static inline void reference(Level *level, u64 line, int kind) {
	u64 *set = level->entries + (line & level->mask) * level->ways;
	u64 first = set[0];
	if (first >> 1 == line) {
		if (kind & 1) set[0] = first | 1;
	} else {
		search(level, set, first, line, kind);
	}
}

static void empty(Level *level, u32 sets, u32 ways, Level *below) {
	u64 *entries = level->entries;
	if (!entries) entries = aligned_alloc(64, (size_t)sets * ways * 8);
	memset(level, 0, sizeof *level);
	memset(entries, 255, (size_t)sets * ways * 8);
	level->entries = entries;
	level->mask = sets - 1;
	level->ways = ways;
	level->below = below;
}

static void print(const Level *level, const char *after) {
	printf("%lu,%lu,%lu,", level->reads, level->readMisses, level->writes);
	printf("%lu,%lu%s", level->writeMisses, level->writebacks, after);
}

static double now(clockid_t clock) {
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

int main(int count, char **arguments) {
	FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
	if (!file) return 1;
	fseek(file, 0, SEEK_END);
	size_t n = ftell(file) / 8;
	rewind(file);
	u64 *records = malloc(n * 8);
	if (fread(records, 8, n, file) != n) return 1;

	while (getchar() == '\n') {
		empty(&l3, 2048, 16, NULL);
		empty(&l2, 512, 8, &l3);
		empty(&l1i, 64, 8, &l2);
		empty(&l1d, 64, 8, &l2);
		u64 writes = 0, fetches = 0;
		double time = now(CLOCK_MONOTONIC), processor = now(CLOCK_PROCESS_CPUTIME_ID);
		for (size_t i = 0; i < n; i++) {
			u64 record = records[i], line = record >> 6;
			int kind = record & 3;
			if (kind == FETCH) {
				fetches++;
				reference(&l1i, line, READ);
			} else {
				writes += kind;
				reference(&l1d, line, kind);
			}
		}
		processor = now(CLOCK_PROCESS_CPUTIME_ID) - processor;
		time = now(CLOCK_MONOTONIC) - time;
		l1i.reads = fetches;
		l1d.writes = writes;
		l1d.reads = n - fetches - writes;
		printf("{\"milliseconds\":%.6f,\"processor\":%.6f,", time, processor);
		printf("\"caches\":[");
		print(&l1i, ",");
		print(&l1d, ",");
		print(&l2, ",");
		print(&l3, "]}\n");
		fflush(stdout);
	}
	return 0;
}
