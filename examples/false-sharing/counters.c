// Two threads count, each in a variable of its own; both variables lie in one cache line. A third variable is shared in
// earnest. Each thread gives way after every step, so that a tracer that runs one at a time lets them take turns.
//
//   gcc -O1 -static -pthread -o counters counters.c
//   valgrind --tool=lackey --trace-mem=yes --trace-sched=yes --fair-sched=yes --log-file=counters.lackey ./counters
//   stalemate trace convert counters.lackey -o counters.packed --cpus 3

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

enum { STEPS = 400 };

static struct {
	volatile long count[2]; // the bug: 8 bytes apart
	char apart[112];
	volatile long total; // in a line of its own
} __attribute__((aligned(128))) shared;

static void *count(void *which)
{
	long me = (long)which;
	for (int i = 0; i < STEPS; i++) {
		shared.count[me] += i;
		if (i % 8 == 0)
			shared.total += i;
		sched_yield();
	}
	return 0;
}

int main(void)
{
	pthread_t threads[2];
	for (long i = 0; i < 2; i++)
		pthread_create(&threads[i], 0, count, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], 0);
	printf("%ld %ld %ld\n", shared.count[0], shared.count[1], shared.total);
	return 0;
}
