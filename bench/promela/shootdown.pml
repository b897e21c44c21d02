/* TLB shootdown among N CPUs: CPU 0 changes a translation, the others may hold it in a TLB or reach it through the
   paging-structure cache, at any time. The same model as scenarios/shootdown/shootdown.scn.

   -DN=5 -DROUNDS=1 [-DCONC] [-DASYNC] [-DFREED] [-DNMI] [-DNOWAIT] */

#ifndef N
#define N 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif

#if N == 2
#define ALL(x) (x[1])
#define NONE(x) (!x[1])
#elif N == 3
#define ALL(x) (x[1] && x[2])
#define NONE(x) (!x[1] && !x[2])
#elif N == 4
#define ALL(x) (x[1] && x[2] && x[3])
#define NONE(x) (!x[1] && !x[2] && !x[3])
#elif N == 5
#define ALL(x) (x[1] && x[2] && x[3] && x[4])
#define NONE(x) (!x[1] && !x[2] && !x[3] && !x[4])
#else
#define ALL(x) (x[1] && x[2] && x[3] && x[4] && x[5])
#define NONE(x) (!x[1] && !x[2] && !x[3] && !x[4] && !x[5])
#endif

byte pte = 1, reused = 0;
bool pgd = 1, tf = 0;
byte tlb[N];
bool pwc[N], ipi[N], csd[N], sent[N];

inline speculate(c) {
	atomic {
		tlb[c] == 0 && (pwc[c] || pgd) ->
		assert(!tf);
		pwc[c] = 1;
		tlb[c] = pte
	}
}
inline evict(c) { atomic { tlb[c] != 0 -> tlb[c] = 0 } }
inline evictWalk(c) { atomic { pwc[c] -> pwc[c] = 0 } }

proctype hardware(byte c) {
	do
	:: speculate(c)
	:: evict(c)
	:: evictWalk(c)
	od
}

proctype responder(byte c) {
	byte pc = 0;
	do
	:: atomic { pc == 0 && tlb[c] != 0 && tlb[c] <= reused -> assert(false) }
#ifdef NMI
	:: atomic { pc != 0 && tlb[c] != 0 && tlb[c] <= reused -> assert(false) }
#endif
	:: atomic { pc == 0 && ipi[c] -> ipi[c] = 0; pc = 1 }
#ifdef ASYNC
	:: atomic { pc == 1 -> csd[c] = 0; pc = 2 }
	:: atomic { pc == 2 -> tlb[c] = 0; pwc[c] = 0; pc = 3 }
#else
	:: atomic { pc == 1 -> tlb[c] = 0; pwc[c] = 0; pc = 2 }
	:: atomic { pc == 2 -> csd[c] = 0; pc = 3 }
#endif
	:: atomic { pc == 3 -> pc = 0 }
	od
}

proctype initiator() {
	byte pc = 0, i, k;
	do
	:: atomic { (pc == 0 || pc == 6) && tlb[0] != 0 && tlb[0] <= reused -> assert(false) }
	:: atomic { pc == 0 -> pte = 0;
#ifdef FREED
		pgd = 0;
#endif
#ifdef CONC
		pc = 2
#else
		pc = 1
#endif
		}
	:: atomic { pc == 1 -> tlb[0] = 0; pwc[0] = 0;
#ifdef CONC
		pc = 3
#else
		pc = 2
#endif
		}
	:: atomic { pc == 2 && !sent[1] && !csd[1] -> csd[1] = 1; ipi[1] = 1; sent[1] = 1 }
#if N > 2
	:: atomic { pc == 2 && !sent[2] && !csd[2] -> csd[2] = 1; ipi[2] = 1; sent[2] = 1 }
#endif
#if N > 3
	:: atomic { pc == 2 && !sent[3] && !csd[3] -> csd[3] = 1; ipi[3] = 1; sent[3] = 1 }
#endif
#if N > 4
	:: atomic { pc == 2 && !sent[4] && !csd[4] -> csd[4] = 1; ipi[4] = 1; sent[4] = 1 }
#endif
#if N > 5
	:: atomic { pc == 2 && !sent[5] && !csd[5] -> csd[5] = 1; ipi[5] = 1; sent[5] = 1 }
#endif
	:: d_step { pc == 2 && ALL(sent) ->
		i = 0;
		do
		:: i < N -> sent[i] = 0; i++
		:: else -> break
		od;
		i = 0;
#ifdef CONC
		pc = 1
#else
		pc = 3
#endif
		}
#ifdef NOWAIT
	:: d_step { pc == 3 -> pc = 4 }
#else
	:: d_step { pc == 3 && NONE(csd) -> pc = 4 }
#endif
	:: d_step { pc == 4 -> reused++;
#ifdef FREED
		tf = 1;
#endif
		pc = 5 }
	:: d_step { pc == 5 && reused < ROUNDS -> pte = reused + 1; pc = 0 }
	:: d_step { pc == 5 && reused >= ROUNDS -> pc = 6 }
	od
}

init {
	atomic {
		byte c = 0;
		run initiator();
		run hardware(0);
		c = 1;
		do
		:: c < N -> run responder(c); run hardware(c); c++
		:: else -> break
		od
	}
}
