/**
 * The records of one shop in the order of their modified time. Almost every change happens at the present time, so the record is appended,
 * and its former place becomes a hole. The remaining records are counted for each block, so that counting and paging within a window visit
 * blocks instead of records.
 */
export interface ModifiedLog<T extends Logged> {
  records: (T | null)[]
  times: number[]
  /** Number of records left in each block of BLOCK places. */
  alive: number[]
  holes: number
  sorted: boolean
  /** Changes with every change of the log, so that callers can cache the result for a window. */
  version: number
  cached: { key: string; version: number; records: T[] } | null
  /** Called with each record that is entered or changed. */
  onRecord?: (item: T) => void
  /** In peak hours lists show a change late; null: at once. */
  late: Late | null
}

/** How late a list shows a change. */
export interface Late {
  /** The platform's present time in epoch seconds. */
  now(): number
  /** The longest delay in seconds. */
  seconds: number
  /** True: the delay differs from second to second, from a tenth of `seconds` to all of it. */
  uneven: boolean
}

export interface Logged {
  modified: number
  place: number
}

const BLOCK = 512

export function createLog<T extends Logged>(): ModifiedLog<T> {
  return { records: [], times: [], alive: [], holes: 0, sorted: true, version: 0, cached: null, late: null }
}

/** Moves a record to the place of its `modified`; call it after every change of `modified`. */
export function record<T extends Logged>(log: ModifiedLog<T>, item: T): void {
  log.version++
  if (item.place >= 0 && log.records[item.place] === item) {
    log.records[item.place] = null
    log.holes++
    const block = Math.floor(item.place / BLOCK)
    log.alive[block] = (log.alive[block] ?? 1) - 1
  }
  const end = log.times.length
  const last = log.times[end - 1]
  if (last !== undefined && item.modified < last) log.sorted = false
  item.place = end
  log.records.push(item)
  log.times.push(item.modified)
  const block = Math.floor(end / BLOCK)
  log.alive[block] = (log.alive[block] ?? 0) + 1
  log.onRecord?.(item)
}

/** Seconds, both included, as TOP counts. */
export interface Span {
  from: number
  to: number
}

/** True if lists show this version by now. */
export function isShown<T extends Logged>({ late }: ModifiedLog<T>, { modified }: T): boolean {
  return late === null || modified + delayOf(late, modified) <= late.now()
}

function delayOf({ seconds, uneven }: Late, modified: number): number {
  if (!uneven) return seconds
  // Multiples of a large odd number spread neighbouring seconds over the whole range.
  return Math.ceil(seconds * (0.1 + 0.9 * (((modified * 2_654_435_761) % 1000) / 1000)))
}

/** Returns the part of the span that every list shows by now, and the shown records after it, newest first. */
function shownSpan<T extends Logged>(log: ModifiedLog<T>, span: Span): { span: Span; newest: T[] } {
  const { late } = log
  if (late === null) return { span, newest: [] }
  const sure = late.now() - late.seconds
  if (span.to <= sure) return { span, newest: [] }
  const newest: T[] = []
  const low = firstAtLeast(log.times, Math.max(span.from, sure + 1))
  for (let place = firstAtLeast(log.times, span.to + 1) - 1; late.uneven && place >= low; place--) {
    const item = log.records[place]
    if (item !== null && item !== undefined && isShown(log, item)) newest.push(item)
  }
  return { span: { from: span.from, to: sure }, newest }
}

/** Returns the number of records that were last modified within the span, as far as lists show them. */
export function countBetween<T extends Logged>(log: ModifiedLog<T>, asked: Span): number {
  tidy(log)
  const { span, newest } = shownSpan(log, asked)
  return (
    alivePlaces(log, firstAtLeast(log.times, span.from), firstAtLeast(log.times, span.to + 1)) + newest.length
  )
}

/** Returns up to `limit` records of the span, newest first, without the `skip` newest. */
export function newestBetween<T extends Logged>(
  log: ModifiedLog<T>,
  asked: Span,
  { skip, limit }: { skip: number; limit: number },
): T[] {
  tidy(log)
  const { span, newest } = shownSpan(log, asked)
  const found = newest.slice(skip, skip + limit)
  const low = firstAtLeast(log.times, span.from)
  let place = firstAtLeast(log.times, span.to + 1) - 1
  let left = Math.max(0, skip - newest.length)
  while (left > 0 && place >= low) {
    if ((place + 1) % BLOCK === 0 && place - BLOCK + 1 >= low) {
      const inBlock = log.alive[Math.floor(place / BLOCK)] ?? 0
      if (inBlock <= left) {
        left -= inBlock
        place -= BLOCK
        continue
      }
    }
    if (log.records[place] !== null) left--
    place--
  }
  for (; place >= low && found.length < limit; place--) {
    const item = log.records[place]
    if (item !== null && item !== undefined) found.push(item)
  }
  return found
}

/** Returns all shown records of the span that `keep` accepts, newest first; cached by `key` until the log changes. */
export function filteredBetween<T extends Logged>(
  log: ModifiedLog<T>,
  { from, to }: Span,
  key: string,
  keep: (item: T) => boolean,
): T[] {
  tidy(log)
  const fullKey = `${from}:${to}:${log.late === null ? '' : log.late.now()}:${key}`
  if (log.cached !== null && log.cached.key === fullKey && log.cached.version === log.version)
    return log.cached.records
  const low = firstAtLeast(log.times, from)
  const records: T[] = []
  for (let place = firstAtLeast(log.times, to + 1) - 1; place >= low; place--) {
    const item = log.records[place]
    if (item !== null && item !== undefined && isShown(log, item) && keep(item)) records.push(item)
  }
  log.cached = { key: fullKey, version: log.version, records }
  return records
}

function alivePlaces<T extends Logged>(log: ModifiedLog<T>, low: number, high: number): number {
  let count = 0
  let place = low
  while (place < high) {
    if (place % BLOCK === 0 && place + BLOCK <= high) {
      count += log.alive[place / BLOCK] ?? 0
      place += BLOCK
    } else {
      if (log.records[place] !== null) count++
      place++
    }
  }
  return count
}

function tidy<T extends Logged>(log: ModifiedLog<T>): void {
  if (log.sorted && log.holes < 4096 + log.times.length / 2) return
  const items = log.records.filter((item) => item !== null)
  // A stable sort keeps the order of change within one second.
  if (!log.sorted) items.sort((a, b) => a.modified - b.modified)
  log.records = items
  log.times = items.map((item) => item.modified)
  log.alive = []
  items.forEach((item, place) => {
    item.place = place
    const block = Math.floor(place / BLOCK)
    log.alive[block] = (log.alive[block] ?? 0) + 1
  })
  log.holes = 0
  log.sorted = true
}

function firstAtLeast(times: number[], time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}
