import Type, { type Static, type TObject } from 'typebox'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { textHash } from '../../lib/text-hash.ts'
import type { CheckFacts } from './check-facts.ts'

/** The figures and order numbers that fill in a reason's text. They contain no personal data. */
export type Detail = Record<string, string | number | string[]>

export type Check = LocalizedText & {
  on: boolean
  always: boolean
  /** True if the finding solves itself in time, so the order only waits and gets no problem. A function decides by the finding. */
  waits: boolean | ((detail: Detail) => boolean)
  params: TObject
  find(order: CheckFacts, params: unknown, now: Date): Detail | null
  say(detail: Detail): LocalizedText
}

type Declaration<Params extends TObject> = LocalizedText & {
  on: boolean
  always?: true
  waits?: Check['waits']
  params?: Params
  find(order: CheckFacts, params: Static<Params>, now: Date): Detail | null
  /** The text of a finding; left out: the check's own name. */
  say?(detail: Detail): LocalizedText
}

export function check<Params extends TObject>(declared: Declaration<Params>): Check {
  const { zh, en, on, always = false, waits = false, params = Type.Object({}), find } = declared
  return {
    zh,
    en,
    on,
    always,
    waits,
    params,
    // Parameters come from `parseChecks`, which has validated them by this schema.
    find: (order, given, now) => find(order, given as Static<Params>, now),
    say: declared.say ?? (() => ({ zh, en })),
  }
}

const found: Detail = {}
export const when = (holds: boolean, detail: Detail = found): Detail | null => (holds ? detail : null)
/** Returns the hash of a text, by which a changed text is recognised. It is stored instead of the text, which may contain personal data. */
export const fingerprintOf = (text: string): Detail => ({ mark: textHash(text).toString(36) })

export const whole = (
  zh: string,
  en: string,
  [initial, minimum, maximum]: readonly [number, number, number],
) => Type.Integer({ title: zh, description: en, default: initial, minimum, maximum })
export const text = (zh: string, en: string, initial: string, more: { pattern?: string } = {}) =>
  Type.String({ title: zh, description: en, default: initial, maxLength: 500, ...more })
export const limit = (zh: string, en: string, initial: number) =>
  Type.Object({ yuan: whole(zh, en, [initial, 1, 10_000_000]) })
export const flag = (zh: string, en: string, initial: boolean) =>
  Type.Boolean({ title: zh, description: en, default: initial })
export const day = { pattern: '^(\\d{4}-\\d{2}-\\d{2})?$' }
