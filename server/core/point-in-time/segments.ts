// Names of the files of PostgreSQL's write-ahead log. A segment's name has its timeline (8 hex digits) and its place in the log (16); the log
// gets another timeline when a database was restored to a point in time.

/** The size of a segment, as initdb chooses it. */
export const segmentBytes = 16 * 1024 * 1024
const segmentsPerLog = 2 ** 32 / segmentBytes

export type Segment = { timeline: number; number: number }

const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, '0')

/** Returns undefined if the name is not that of a segment. */
export function segmentOf(name: string): Segment | undefined {
  const [, timeline = '', log = '', part = ''] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name) ?? []
  if (timeline === '') return undefined
  return {
    timeline: Number.parseInt(timeline, 16),
    number: Number.parseInt(log, 16) * segmentsPerLog + Number.parseInt(part, 16),
  }
}

export const nameOfSegment = ({ timeline, number }: Segment): string =>
  `${hex(timeline)}${hex(Math.floor(number / segmentsPerLog))}${hex(number % segmentsPerLog)}`

/** The names of files that belong to the log: segments, histories of timelines, and marks of base backups. */
export const isLogFile = (name: string): boolean =>
  segmentOf(name) !== undefined || isHistory(name) || /^[0-9A-F]{24}\.[0-9A-F]{8}\.backup$/.test(name)

export const isHistory = (name: string): boolean => /^[0-9A-F]{8}\.history$/.test(name)
export const historyName = (timeline: number): string => `${hex(timeline)}.history`

/** Returns the number of the segment that has this position of the log, such as "0/3002228". */
export function segmentNumberAt(position: string): number {
  const [high = '', low = ''] = position.split('/')
  return Math.floor((Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16)) / segmentBytes)
}

/** Where a timeline came from: up to this position of the log, the rows are those of the parent. */
export type Branch = { timeline: number; until: string }

/** Reads the history of a timeline, the oldest ancestor first. */
export function branchesOf(history: string): Branch[] {
  return history.split('\n').flatMap((line) => {
    const [, timeline, until] = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/.exec(line) ?? []
    return timeline && until ? [{ timeline: Number(timeline), until }] : []
  })
}

/**
 * Returns the name of each segment from `first` to the last one of `timeline` that is among `names`. Below the segment in which a timeline
 * began, the log is that of its parent.
 */
export function chainFrom(
  first: Segment,
  { timeline, branches }: { timeline: number; branches: readonly Branch[] },
  names: ReadonlySet<string>,
): string[] {
  let last = first.number - 1
  for (const name of names) {
    const segment = segmentOf(name)
    if (segment?.timeline === timeline) last = Math.max(last, segment.number)
  }
  const chain: string[] = []
  for (let number = first.number; number <= last; number += 1) {
    const parent = branches.find(({ until }) => number < segmentNumberAt(until))
    chain.push(nameOfSegment({ timeline: parent?.timeline ?? timeline, number }))
  }
  return chain
}

/** Says why the first bytes of a segment are not those of this name in this database; undefined if they are. */
export function whyNotSegment(name: string, head: Buffer, systemId: string): string | undefined {
  const segment = segmentOf(name)
  if (!segment) return undefined
  if (head.length < 40) return 'it is too short'
  // The pages of a segment begin with: kind 2 bytes, flags 2, timeline 4, position 8, rest of a record 4, filler 4, database 8, size 4.
  const position = head.readBigUInt64LE(8)
  if (position !== BigInt(segment.number) * BigInt(segmentBytes)) return 'it holds another part of the log'
  if (head.readBigUInt64LE(24).toString() !== systemId) return 'it is of another database'
  return head.readUInt32LE(32) === segmentBytes ? undefined : 'its segments have another size'
}
