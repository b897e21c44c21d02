import {
	PLACES_ACTOR_PLACES,
	PLACES_BYTES,
	PLACES_CPU_BYTES,
	PLACES_CPU_FLAGS,
	PLACES_CPU_MM,
	PLACES_CPU_PURGES,
	PLACES_CPU_TLB,
	PLACES_CPU_VARS,
	PLACES_CPU_VISITS,
	PLACES_CPU_WALK_CACHE,
	PLACES_CPU_WINDOW,
	PLACES_FRAMES,
	PLACES_LATEST,
	PLACES_LEVEL_PLACES,
	PLACES_MEMORY,
	PLACES_PTES,
	PLACES_REFERENCES,
	PLACES_SHARED_BYTES,
	PLACES_SIZE,
	PLACES_TABLES,
	PLACES_VARS,
} from "../../bindings/layout/explore";
import {
	ANSWER_ABOUTS,
	ANSWER_HAZARDS,
	ANSWER_REASON,
	ANSWER_SIZE,
	ANSWER_VALUE,
	COMMAND_ACTION,
	COMMAND_ACTOR,
	COMMAND_CODE,
	COMMAND_HOW,
	COMMAND_SIZE,
	TOLD_ABOUT,
	TOLD_COMMAND,
	TOLD_KIND,
	TOLD_SIZE,
	TOLD_WHAT,
	TOLD_WHERE,
} from "../../bindings/layout/hold";
import {
	COUNT_ACCESSES,
	COUNT_CAPACITY,
	COUNT_COHERENCE_MISSES,
	COUNT_COMPULSORY,
	COUNT_CONFLICT,
	COUNT_EVICTIONS,
	COUNT_FILLS,
	COUNT_FLUSHED,
	COUNT_HOMONYMS,
	COUNT_INTERVENTIONS,
	COUNT_INVALIDATIONS,
	COUNT_LOST,
	COUNT_MISSES,
	COUNT_SIZE,
	COUNT_SYNONYMS,
	COUNT_UPGRADES,
	COUNT_WRITEBACKS,
	MACHINE_ALIASES,
	MACHINE_CACHES,
	MACHINE_CLASSIFY,
	MACHINE_COHERENCE,
	MACHINE_COHERENT_FETCHES,
	MACHINE_COLOURS,
	MACHINE_CPUS,
	MACHINE_FRAMES,
	MACHINE_HOT,
	MACHINE_HOT_BY,
	MACHINE_PAGE,
	MACHINE_POLICY,
	MACHINE_RANGES,
	MACHINE_RECORDED,
	MACHINE_SEED,
	MACHINE_SHARING,
	MACHINE_SIZE,
	MACHINE_TAGGED,
	MACHINE_TLBS,
	MACHINE_WALK,
	MACHINE_WALK_BITS,
	MACHINE_WALK_CACHES,
	MACHINE_WALK_DEPTH,
	MACHINE_WALK_ENTERS,
	MACHINE_WALK_ENTRY,
	RANGE_LAST,
	RANGE_PAGE,
	RANGE_SIZE,
	RANGE_START,
	SHARER_CHANGED,
	SHARER_CPU,
	SHARER_FALSE,
	SHARER_MISSES,
	SHARER_NEXT,
	SHARER_READS,
	SHARER_SIZE,
	SHARER_VIRTUAL,
	SHARER_WRITES,
	SLOT_FIRST,
	SLOT_SECOND,
	SLOT_SIZE,
	SLOT_VALUE,
	SPEC_FLAGS,
	SPEC_LINE,
	SPEC_NEXT,
	SPEC_REPLACEMENT,
	SPEC_SERVES,
	SPEC_SETS,
	SPEC_SHARED_BY,
	SPEC_SIZE,
	SPEC_WAYS,
	TLB_COUNT_ACCESSES,
	TLB_COUNT_EVICTIONS,
	TLB_COUNT_FILLS,
	TLB_COUNT_MISSES,
	TLB_COUNT_REFILLS,
	TLB_COUNT_SHOT,
	TLB_COUNT_SIZE,
	TLB_NEXT,
	TLB_PAGES,
	TLB_SERVES,
	TLB_SHARED_BY,
	TLB_SIZE,
	TOTAL_FETCHES,
	TOTAL_FLUSHES,
	TOTAL_MAPS,
	TOTAL_READS,
	TOTAL_SHOOTDOWNS,
	TOTAL_SIZE,
	TOTAL_SWITCHES,
	TOTAL_UNMAPS,
	TOTAL_WRITES,
	WALK_COUNT_CACHE_HITS,
	WALK_COUNT_READS,
	WALK_COUNT_SIZE,
	WALK_COUNT_WALKS,
} from "../../bindings/layout/machine";
import {
	ACTOR_CODE,
	ACTOR_CPU,
	ACTOR_INITIAL,
	ACTOR_KIND,
	ACTOR_LENGTH,
	ACTOR_MM,
	ACTOR_REGISTERS,
	ACTOR_SIZE,
	ACTOR_SPONTANEOUS,
	CODE_AT,
	CODE_EXPECTED,
	CODE_FLAGS,
	CODE_INDEX,
	CODE_KIND,
	CODE_LEFT,
	CODE_LINE,
	CODE_LOOP,
	CODE_OP,
	CODE_ORDER,
	CODE_PLACE,
	CODE_SIZE,
	CODE_TARGET,
	CODE_TO,
	CODE_VALUE,
	FRAME_FIRST,
	FRAME_FLAGS,
	FRAME_KIND,
	FRAME_LINES,
	FRAME_REFERENCES,
	FRAME_SIZE,
	LEVEL_FETCHES,
	LEVEL_FLAGS,
	LEVEL_NEXT,
	LEVEL_SHARED,
	LEVEL_SIZE,
	PROGRAM_ACTORS,
	PROGRAM_COLOURS,
	PROGRAM_CPU_VARS,
	PROGRAM_CPUS,
	PROGRAM_FLAGS,
	PROGRAM_FRAMES,
	PROGRAM_GROUPS,
	PROGRAM_INSTRUCTIONS,
	PROGRAM_LEVELS,
	PROGRAM_LINES,
	PROGRAM_LOOPS,
	PROGRAM_MMS,
	PROGRAM_MODEL,
	PROGRAM_REGISTERS,
	PROGRAM_SIZE,
	PROGRAM_TABLES,
	PROGRAM_VARS,
	PROGRAM_VAS,
	PROGRAM_WINDOW,
	VA_BOUND,
	VA_COLOUR,
	VA_FLAGS,
	VA_HELD,
	VA_LARGE,
	VA_MM,
	VA_PART,
	VA_PTE,
	VA_SHARES,
	VA_SIZE,
	VA_TABLE,
} from "../../bindings/layout/program";
import {
	CURVE_COLD,
	CURVE_DISTANCE_COUNT,
	CURVE_DISTANCES,
	CURVE_FETCHES,
	CURVE_GROUPS,
	CURVE_HALVINGS,
	CURVE_LINE,
	CURVE_LIVE,
	CURVE_MOST_LINES,
	CURVE_OF,
	CURVE_READS,
	CURVE_SEED,
	CURVE_SIZE,
	CURVE_THRESHOLD,
	CURVE_WRITES,
	DISTANCE_FETCHES,
	DISTANCE_READS,
	DISTANCE_SIZE,
	DISTANCE_WRITES,
	FAMILY_COUNTS,
	FAMILY_FETCHES,
	FAMILY_LINE,
	FAMILY_READS,
	FAMILY_SETS,
	FAMILY_SIZE,
	FAMILY_WAYS,
	FAMILY_WRITES,
	GEOMETRY_EVICTIONS,
	GEOMETRY_FETCH_MISSES,
	GEOMETRY_READ_MISSES,
	GEOMETRY_SIZE,
	GEOMETRY_WRITE_MISSES,
	GEOMETRY_WRITEBACKS,
} from "../../bindings/layout/stack";
import {
	ACCESS_ASID,
	ACCESS_BYTES,
	ACCESS_CPU,
	ACCESS_KIND,
	ACCESS_SIZE,
	MAINTAIN_ADDRESS,
	MAINTAIN_ASID,
	MAINTAIN_AT,
	MAINTAIN_CODE,
	MAINTAIN_CPU,
	MAINTAIN_LENGTH,
	MAINTAIN_OBJECT,
	MAINTAIN_OFFSET,
	MAINTAIN_SIZE,
	MAINTAIN_WHAT,
	TRACE_ACCESS_COUNT,
	TRACE_ACCESSES,
	TRACE_ERROR_AT,
	TRACE_INPUT,
	TRACE_LINES,
	TRACE_OPERATION_COUNT,
	TRACE_OPERATIONS,
	TRACE_RECORD_COUNT,
	TRACE_RECORDS,
	TRACE_RUN_COUNT,
	TRACE_RUNS,
	TRACE_SIZE,
	TRACE_SKIP,
	TRACE_SKIPPED,
	TRACE_STATUS,
	TRACE_THREADS,
} from "../../bindings/layout/trace";
import { field, record } from "./field";
import {
	Access,
	Actor,
	Answer,
	CacheCounts,
	CacheSpec,
	Command,
	Curve,
	Distance,
	Family,
	Frame,
	Geometry,
	Instruction,
	Level,
	Machine,
	Maintain,
	Mapping,
	Places,
	ProgramHeader,
	Range,
	Sharer,
	Slot,
	TlbCounts,
	TlbSpec,
	Told,
	Totals,
	Trace,
	WalkCounts,
} from "./shapes";

// One line for each field that has a constant. Where they disagree the build ends with an error on that line, and so it does
// where the core or the bindings read or write a field as another type (scripts/check-layout.mjs looks for that).

record<Machine>(MACHINE_SIZE);
field<Machine, u32>("cpus", MACHINE_CPUS);
field<Machine, u32>("caches", MACHINE_CACHES);
field<Machine, u32>("tlbs", MACHINE_TLBS);
field<Machine, u32>("ranges", MACHINE_RANGES);
field<Machine, u64>("seed", MACHINE_SEED);
field<Machine, u32>("policy", MACHINE_POLICY);
field<Machine, u32>("page", MACHINE_PAGE);
field<Machine, u32>("colours", MACHINE_COLOURS);
field<Machine, u32>("frames", MACHINE_FRAMES);
field<Machine, u32>("walk", MACHINE_WALK);
field<Machine, u32>("walkEntry", MACHINE_WALK_ENTRY);
field<Machine, u32>("walkEnters", MACHINE_WALK_ENTERS);
field<Machine, u32>("walkDepth", MACHINE_WALK_DEPTH);
field<Machine, u32>("walkBits", MACHINE_WALK_BITS);
field<Machine, u32>("walkCaches", MACHINE_WALK_CACHES);
field<Machine, u32>("classify", MACHINE_CLASSIFY);
field<Machine, u32>("hot", MACHINE_HOT);
field<Machine, u32>("hotBy", MACHINE_HOT_BY);
field<Machine, u32>("coherence", MACHINE_COHERENCE);
field<Machine, u32>("coherentFetches", MACHINE_COHERENT_FETCHES);
field<Machine, u32>("aliases", MACHINE_ALIASES);
field<Machine, u32>("sharing", MACHINE_SHARING);
field<Machine, u32>("tagged", MACHINE_TAGGED);
field<Machine, u32>("recorded", MACHINE_RECORDED);

record<CacheSpec>(SPEC_SIZE);
field<CacheSpec, u32>("sets", SPEC_SETS);
field<CacheSpec, u32>("ways", SPEC_WAYS);
field<CacheSpec, u32>("line", SPEC_LINE);
field<CacheSpec, u32>("replacement", SPEC_REPLACEMENT);
field<CacheSpec, u32>("flags", SPEC_FLAGS);
field<CacheSpec, u32>("serves", SPEC_SERVES);
field<CacheSpec, u32>("next", SPEC_NEXT);
field<CacheSpec, u32>("sharedBy", SPEC_SHARED_BY);

record<TlbSpec>(TLB_SIZE);
field<TlbSpec, u32>("sets", SPEC_SETS);
field<TlbSpec, u32>("ways", SPEC_WAYS);
field<TlbSpec, u32>("replacement", SPEC_REPLACEMENT);
field<TlbSpec, u32>("serves", TLB_SERVES);
field<TlbSpec, u32>("sharedBy", TLB_SHARED_BY);
field<TlbSpec, u8>("pages", TLB_PAGES);
field<TlbSpec, u8>("next", TLB_NEXT);

record<Range>(RANGE_SIZE);
field<Range, u64>("start", RANGE_START);
field<Range, u64>("last", RANGE_LAST);
field<Range, u32>("page", RANGE_PAGE);

record<Totals>(TOTAL_SIZE);
field<Totals, u64>("reads", TOTAL_READS);
field<Totals, u64>("writes", TOTAL_WRITES);
field<Totals, u64>("fetches", TOTAL_FETCHES);
field<Totals, u64>("switches", TOTAL_SWITCHES);
field<Totals, u64>("maps", TOTAL_MAPS);
field<Totals, u64>("unmaps", TOTAL_UNMAPS);
field<Totals, u64>("flushes", TOTAL_FLUSHES);
field<Totals, u64>("shootdowns", TOTAL_SHOOTDOWNS);

record<CacheCounts>(COUNT_SIZE);
field<CacheCounts, u64>("accesses", COUNT_ACCESSES);
field<CacheCounts, u64>("misses", COUNT_MISSES);
field<CacheCounts, u64>("fills", COUNT_FILLS);
field<CacheCounts, u64>("evictions", COUNT_EVICTIONS);
field<CacheCounts, u64>("writebacks", COUNT_WRITEBACKS);
field<CacheCounts, u64>("invalidations", COUNT_INVALIDATIONS);
field<CacheCounts, u64>("compulsory", COUNT_COMPULSORY);
field<CacheCounts, u64>("capacity", COUNT_CAPACITY);
field<CacheCounts, u64>("conflict", COUNT_CONFLICT);
field<CacheCounts, u64>("coherenceMisses", COUNT_COHERENCE_MISSES);
field<CacheCounts, u64>("lost", COUNT_LOST);
field<CacheCounts, u64>("interventions", COUNT_INTERVENTIONS);
field<CacheCounts, u64>("upgrades", COUNT_UPGRADES);
field<CacheCounts, u64>("synonyms", COUNT_SYNONYMS);
field<CacheCounts, u64>("homonyms", COUNT_HOMONYMS);
field<CacheCounts, u64>("flushed", COUNT_FLUSHED);

record<TlbCounts>(TLB_COUNT_SIZE);
field<TlbCounts, u64>("accesses", TLB_COUNT_ACCESSES);
field<TlbCounts, u64>("misses", TLB_COUNT_MISSES);
field<TlbCounts, u64>("fills", TLB_COUNT_FILLS);
field<TlbCounts, u64>("evictions", TLB_COUNT_EVICTIONS);
field<TlbCounts, u64>("shot", TLB_COUNT_SHOT);
field<TlbCounts, u64>("refills", TLB_COUNT_REFILLS);

record<WalkCounts>(WALK_COUNT_SIZE);
field<WalkCounts, u64>("walks", WALK_COUNT_WALKS);
field<WalkCounts, u64>("reads", WALK_COUNT_READS);
field<WalkCounts, u64>("cacheHits", WALK_COUNT_CACHE_HITS);

record<Slot>(SLOT_SIZE);
field<Slot, u64>("first", SLOT_FIRST);
field<Slot, u64>("second", SLOT_SECOND);
field<Slot, u64>("value", SLOT_VALUE);

record<Access>(ACCESS_SIZE);
field<Access, u32>("bytes", ACCESS_BYTES);
field<Access, u8>("kind", ACCESS_KIND);
field<Access, u8>("cpu", ACCESS_CPU);
field<Access, u16>("asid", ACCESS_ASID);

record<Trace>(TRACE_SIZE);
field<Trace, u32>("input", TRACE_INPUT);
field<Trace, u32>("records", TRACE_RECORDS);
field<Trace, u32>("runs", TRACE_RUNS);
field<Trace, u32>("accesses", TRACE_ACCESSES);
field<Trace, u32>("recordCount", TRACE_RECORD_COUNT);
field<Trace, u32>("runCount", TRACE_RUN_COUNT);
field<Trace, u32>("accessCount", TRACE_ACCESS_COUNT);
field<Trace, u32>("status", TRACE_STATUS);
field<Trace, u32>("errorAt", TRACE_ERROR_AT);
field<Trace, u32>("skip", TRACE_SKIP);
field<Trace, u64>("lines", TRACE_LINES);
field<Trace, u64>("skipped", TRACE_SKIPPED);
field<Trace, u32>("operations", TRACE_OPERATIONS);
field<Trace, u32>("operationCount", TRACE_OPERATION_COUNT);
field<Trace, u32>("threads", TRACE_THREADS);

record<Sharer>(SHARER_SIZE);
field<Sharer, u64>("reads", SHARER_READS);
field<Sharer, u64>("writes", SHARER_WRITES);
field<Sharer, u64>("changed", SHARER_CHANGED);
field<Sharer, u64>("misses", SHARER_MISSES);
field<Sharer, u64>("wrong", SHARER_FALSE);
field<Sharer, u64>("virtual", SHARER_VIRTUAL);
field<Sharer, u32>("cpu", SHARER_CPU);
field<Sharer, u32>("next", SHARER_NEXT);

record<Maintain>(MAINTAIN_SIZE);
field<Maintain, u64>("address", MAINTAIN_ADDRESS);
field<Maintain, u64>("length", MAINTAIN_LENGTH);
field<Maintain, u32>("at", MAINTAIN_AT);
field<Maintain, u8>("code", MAINTAIN_CODE);
field<Maintain, u8>("what", MAINTAIN_WHAT);
field<Maintain, u8>("cpu", MAINTAIN_CPU);
field<Maintain, u16>("asid", MAINTAIN_ASID);
field<Maintain, u32>("object", MAINTAIN_OBJECT);
field<Maintain, u64>("offset", MAINTAIN_OFFSET);

record<Family>(FAMILY_SIZE);
field<Family, u32>("line", FAMILY_LINE);
field<Family, u32>("ways", FAMILY_WAYS);
field<Family, u32>("sets", FAMILY_SETS);
field<Family, u32>("counts", FAMILY_COUNTS);
field<Family, u64>("reads", FAMILY_READS);
field<Family, u64>("writes", FAMILY_WRITES);
field<Family, u64>("fetches", FAMILY_FETCHES);

record<Geometry>(GEOMETRY_SIZE);
field<Geometry, u64>("readMisses", GEOMETRY_READ_MISSES);
field<Geometry, u64>("writeMisses", GEOMETRY_WRITE_MISSES);
field<Geometry, u64>("fetchMisses", GEOMETRY_FETCH_MISSES);
field<Geometry, u64>("evictions", GEOMETRY_EVICTIONS);
field<Geometry, u64>("writebacks", GEOMETRY_WRITEBACKS);

record<Curve>(CURVE_SIZE);
field<Curve, u32>("line", CURVE_LINE);
field<Curve, u32>("streams", CURVE_OF);
field<Curve, u32>("mostLines", CURVE_MOST_LINES);
field<Curve, u64>("threshold", CURVE_THRESHOLD);
field<Curve, u64>("seed", CURVE_SEED);
field<Curve, u64>("reads", CURVE_READS);
field<Curve, u64>("writes", CURVE_WRITES);
field<Curve, u64>("fetches", CURVE_FETCHES);
field<Curve, u64>("live", CURVE_LIVE);
field<Curve, u32>("halvings", CURVE_HALVINGS);
field<Curve, u32>("distances", CURVE_DISTANCES);
field<Curve, u32>("distanceCount", CURVE_DISTANCE_COUNT);
field<Curve, u32>("groups", CURVE_GROUPS);
field<Curve, u64>("cold", CURVE_COLD);

record<Distance>(DISTANCE_SIZE);
field<Distance, u64>("reads", DISTANCE_READS);
field<Distance, u64>("writes", DISTANCE_WRITES);
field<Distance, u64>("fetches", DISTANCE_FETCHES);

record<ProgramHeader>(PROGRAM_SIZE);
field<ProgramHeader, u32>("cpus", PROGRAM_CPUS);
field<ProgramHeader, u32>("model", PROGRAM_MODEL);
field<ProgramHeader, u32>("flags", PROGRAM_FLAGS);
field<ProgramHeader, u32>("window", PROGRAM_WINDOW);
field<ProgramHeader, u32>("colours", PROGRAM_COLOURS);
field<ProgramHeader, u32>("lines", PROGRAM_LINES);
field<ProgramHeader, u32>("loops", PROGRAM_LOOPS);
field<ProgramHeader, u32>("mms", PROGRAM_MMS);
field<ProgramHeader, u32>("registers", PROGRAM_REGISTERS);
field<ProgramHeader, u32>("vars", PROGRAM_VARS);
field<ProgramHeader, u32>("cpuVars", PROGRAM_CPU_VARS);
field<ProgramHeader, u32>("frames", PROGRAM_FRAMES);
field<ProgramHeader, u32>("tables", PROGRAM_TABLES);
field<ProgramHeader, u32>("vas", PROGRAM_VAS);
field<ProgramHeader, u32>("levels", PROGRAM_LEVELS);
field<ProgramHeader, u32>("actors", PROGRAM_ACTORS);
field<ProgramHeader, u32>("groups", PROGRAM_GROUPS);
field<ProgramHeader, u32>("instructions", PROGRAM_INSTRUCTIONS);

record<Frame>(FRAME_SIZE);
field<Frame, u8>("kind", FRAME_KIND);
field<Frame, u8>("lines", FRAME_LINES);
field<Frame, u8>("first", FRAME_FIRST);
field<Frame, u8>("references", FRAME_REFERENCES);
field<Frame, u8>("flags", FRAME_FLAGS);

record<Mapping>(VA_SIZE);
field<Mapping, u8>("pte", VA_PTE);
field<Mapping, u8>("shares", VA_SHARES);
field<Mapping, u8>("mm", VA_MM);
field<Mapping, u8>("colour", VA_COLOUR);
field<Mapping, u8>("table", VA_TABLE);
field<Mapping, u8>("flags", VA_FLAGS);
field<Mapping, u8>("bound", VA_BOUND);
field<Mapping, u8>("large", VA_LARGE);
field<Mapping, u8>("held", VA_HELD);
field<Mapping, u8>("part", VA_PART);

record<Level>(LEVEL_SIZE);
field<Level, u32>("flags", LEVEL_FLAGS);
field<Level, u8>("shared", LEVEL_SHARED);
field<Level, u8>("next", LEVEL_NEXT);
field<Level, u8>("fetches", LEVEL_FETCHES);

record<Actor>(ACTOR_SIZE);
field<Actor, u8>("cpu", ACTOR_CPU);
field<Actor, u8>("kind", ACTOR_KIND);
field<Actor, u8>("spontaneous", ACTOR_SPONTANEOUS);
field<Actor, u8>("registers", ACTOR_REGISTERS);
field<Actor, u16>("initial", ACTOR_INITIAL);
field<Actor, u16>("code", ACTOR_CODE);
field<Actor, u16>("length", ACTOR_LENGTH);
field<Actor, u8>("mm", ACTOR_MM);

record<Instruction>(CODE_SIZE);
field<Instruction, u8>("op", CODE_OP);
field<Instruction, u8>("flags", CODE_FLAGS);
field<Instruction, u8>("kind", CODE_KIND);
field<Instruction, u8>("order", CODE_ORDER);
field<Instruction, u8>("place", CODE_PLACE);
field<Instruction, u8>("at", CODE_AT);
field<Instruction, u8>("line", CODE_LINE);
field<Instruction, u8>("index", CODE_INDEX);
field<Instruction, u8>("to", CODE_TO);
field<Instruction, u8>("left", CODE_LEFT);
field<Instruction, u8>("value", CODE_VALUE);
field<Instruction, u8>("expected", CODE_EXPECTED);
field<Instruction, u16>("target", CODE_TARGET);
field<Instruction, u8>("loop", CODE_LOOP);

record<Places>(PLACES_SIZE);
field<Places, u32>("vars", PLACES_VARS);
field<Places, u32>("ptes", PLACES_PTES);
field<Places, u32>("tables", PLACES_TABLES);
field<Places, u32>("frames", PLACES_FRAMES);
field<Places, u32>("references", PLACES_REFERENCES);
field<Places, u32>("memory", PLACES_MEMORY);
field<Places, u32>("latest", PLACES_LATEST);
field<Places, u32>("cpuFlags", PLACES_CPU_FLAGS);
field<Places, u32>("cpuMm", PLACES_CPU_MM);
field<Places, u32>("cpuVisits", PLACES_CPU_VISITS);
field<Places, u32>("cpuWalkCache", PLACES_CPU_WALK_CACHE);
field<Places, u32>("cpuTlb", PLACES_CPU_TLB);
field<Places, u32>("cpuVars", PLACES_CPU_VARS);
field<Places, u32>("cpuWindow", PLACES_CPU_WINDOW);
field<Places, u32>("actorPlaces", PLACES_ACTOR_PLACES);
field<Places, u32>("levelPlaces", PLACES_LEVEL_PLACES);
field<Places, u32>("sharedBytes", PLACES_SHARED_BYTES);
field<Places, u32>("cpuBytes", PLACES_CPU_BYTES);
field<Places, u32>("bytes", PLACES_BYTES);
field<Places, u32>("cpuPurges", PLACES_CPU_PURGES);

record<Command>(COMMAND_SIZE);
field<Command, u8>("how", COMMAND_HOW);
field<Command, u8>("actor", COMMAND_ACTOR);
field<Command, u32>("action", COMMAND_ACTION);
field<Command, u64>("code", COMMAND_CODE);

record<Answer>(ANSWER_SIZE);
field<Answer, u32>("reason", ANSWER_REASON);
field<Answer, u32>("hazards", ANSWER_HAZARDS);
field<Answer, u32>("value", ANSWER_VALUE);
field<Answer, u8>("abouts", ANSWER_ABOUTS);

record<Told>(TOLD_SIZE);
field<Told, u8>("kind", TOLD_KIND);
field<Told, u8>("where", TOLD_WHERE);
field<Told, u8>("what", TOLD_WHAT);
field<Told, u8>("about", TOLD_ABOUT);
field<Told, u32>("command", TOLD_COMMAND);
