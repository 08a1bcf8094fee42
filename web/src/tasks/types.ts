import type { Static } from 'typebox'
import type { dayAnswer, RunAnswer, schedule, TaskAnswer } from '../../../server/tasks/contract.ts'
import type { Json } from '../ui/json.ts'

export type TaskRow = Json<TaskAnswer>
export type RunRow = Json<RunAnswer>
export type Schedule = Static<typeof schedule>
export type DaySum = Static<typeof dayAnswer>

/** How far each shop's stream is complete, and the windows that made it so. */
export type CoverageRow = {
  shopId: string
  stream: string
  completeTo: string | null
  behindMs: number | null
  state: 'complete' | 'chasing' | 'paused' | 'failing'
  /** 授权失效，已停 … */
  reason: { zh: string; en: string } | null
  seen: number
  created: number
  updated: number
  skipped: number
  windows: { from: string; to: string; state: 'done' | 'running' | 'failed' }[]
}
