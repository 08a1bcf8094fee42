import { changeWords, figureWords } from '../../../server/reports/figure-rules.ts'
import type { Measure } from '../../../server/reports/report-rules.ts'
import type { Say } from '../words.ts'

type Kind = Pick<Measure, 'kind'>

export const figureText = (measure: Kind, value: number | null, say: Say): string =>
  say(figureWords(measure, value))

export const changeText = (measure: Kind, now: number | null, before: number | null, say: Say): string =>
  say(changeWords(measure, now, before))
