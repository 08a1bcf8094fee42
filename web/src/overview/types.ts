import type { Bilingual } from '../ui/json.ts'

/** Shapes of /api/overview; those of /api/coverage are in tasks/types.ts. */
export type Queue = {
  key: 'download' | 'fetching' | 'staged' | 'unconfirmed' | 'held' | 'differs' | 'refunds' | 'write_back'
  count: number
  capped: boolean
  /** The longest wait in it; null when it is empty or says something else below. */
  oldestMs: number | null
  /** What below it needs eyes: failed 7, due within 4 hours 9, convertible 10,534. */
  note: { code: 'convertible' | 'failed' | 'due' | 'refund_open' | 'none'; count: number }
}

export type Stuck = {
  code: string
  count: number
  where: 'staged' | 'fetching' | 'unconfirmed' | 'refunds' | 'write_back'
  /** Needs a person; else it heals by itself. */
  needsPerson: boolean
}

export type Alarm = {
  id: string
  tone: 'bad' | 'warn'
  title: Bilingual
  detail: Bilingual
  since: string | null
  /** Where it is dealt with: a page of ours with its filters. */
  to: string
  act: Bilingual
}

export type Overview = {
  queues: Queue[]
  stuck: Stuck[]
  alarms: Alarm[]
  /** Paid orders by hour of Asia/Shanghai: 24 figures each; the running hour is `hour`. */
  hours: { today: number[]; yesterday: number[]; hour: number }
}
