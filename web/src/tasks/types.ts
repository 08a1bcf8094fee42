import type { Static } from 'typebox'
import type { dayAnswer, RunAnswer, schedule, TaskAnswer } from '../../../server/core/tasks/contract.ts'
import type { Json } from '../ui/base/json.ts'

export type TaskRow = Json<TaskAnswer>
export type RunRow = Json<RunAnswer>
export type Schedule = Static<typeof schedule>
export type DaySum = Static<typeof dayAnswer>

export type { CoverageRow } from '../../../server/intake/coverage/contract.ts'
