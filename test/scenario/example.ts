/** A scenario with a little of everything. */
export const EXAMPLE = `scenario example  # behind the name
  story "A little of \\"everything\\""
  basis S0, "made up"
  row L99
  contrast L98, L97
  profile vipt-generic{speculativeMoveIn=yes}
  use csd
  param cpus = 2..3
  param order = release | relaxed
  table T
  mm A
  page P lines 2 owner user
  map U -> P user colour 1 via T
  map K -> P kernel read-only
  var x = 0
  var mine = 1 per cpu

  actor first on cpu 0
    # above the store
    store x <- 1  # behind it
    set r0 <- 3
    while r0 > 0 and not r0 == 7:
      load r1 <- U[r0 + 1] or fault
      set r0 <- r0 - 1
    each other cpu c: csd.lock c; store mine[c] <- 0; ipi.send c
    store.{order} x <- 2; store mine <- {cpus - 1}
    if predict r1 is odd: goto done
    else if order == relaxed: cache.flush K
    else: cache.flush K[1]
    label done

  actor second on each other cpu
    await r0 <- x != 0

  handler irq on each other cpu
    csd.unlock

  expect order=release: sc SAFE, pa8800 tso TLB + WALK / STALE
  expect vipt-generic{speculativeMoveIn=no} ok
  # the last word
`;
