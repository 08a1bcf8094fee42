import type { LocalizedText } from '../lib/localized-text.ts'

/** Why a row stays as it is: `code` for programs, `message` for people: the fact, then the remedy. */
export type Refusal = { code: string; message: LocalizedText }

/**
 * What a verb answers for each id of its list: done, or refused with a stable code. `reason` is the value of a table that the code stands
 * for, such as the reason of a hold; `ref` is the number by which people know the row.
 */
export type Outcome =
  | { id: string; done: true; ref?: string }
  | ({ id: string; done: false; reason?: string; ref?: string } & Pick<Refusal, 'code'> & Partial<Refusal>)

/** The refusal of an id that names no row, or a row outside the asker's scope. */
export function notFound(what: LocalizedText): Refusal {
  return { code: 'not_found', message: { zh: `找不到${what.zh}`, en: `${what.en} not found` } }
}

/** The refusal of a step whose effect the row has already. */
export function already({ zh, en }: LocalizedText): Refusal {
  return { code: 'already', message: { zh, en: `${en} already` } }
}

/** The refusal of a step that this status does not allow. */
export function wrongStatus(status: LocalizedText, step: LocalizedText): Refusal {
  const message = { zh: `${status.zh}，不能${step.zh}`, en: `${status.en}: cannot ${step.en.toLowerCase()}` }
  return { code: 'wrong_status', message }
}

/** How a kind of row is answered: `missing` for an id without one, `refOf` for the number by which people know it. */
export type Answers<Row> = { missing: Refusal; refOf(row: Row): string }

/** One outcome for each id, in the order of the ids; a repeated id is answered once. */
export function answerEach<Row>(
  ids: readonly string[],
  rows: ReadonlyMap<string, Row>,
  { missing, refOf }: Answers<NoInfer<Row>>,
  whyNot: (row: Row) => Pick<Outcome & { done: false }, 'code' | 'message' | 'reason'> | undefined,
): Outcome[] {
  return [...new Set(ids)].map((id) => {
    const row = rows.get(id)
    if (row === undefined) return { id, done: false, ...missing }
    const refusal = whyNot(row)
    const ref = refOf(row)
    return { id, ...(refusal ? { done: false, ...refusal } : { done: true }), ...(ref === '' ? {} : { ref }) }
  })
}

/** The answers of rows that have a number of ours. */
export function numbered(what: LocalizedText): Answers<{ no: string }> {
  return { missing: notFound(what), refOf: ({ no }) => no }
}
