import type { LocalizedText } from '../lib/localized-text.ts'

/** The reason why a row was not changed: `code` for programs, `message` for users. */
export type Refusal = { code: string; message: LocalizedText }

/**
 * The answer of a verb for one id: done, or refused with a stable code. `reason` is a value that the code refers to, such as the reason of
 * a hold; `ref` is the row's display number, such as the order number.
 */
export type Outcome =
  | { id: string; done: true; ref?: string }
  | ({ id: string; done: false; reason?: string; ref?: string } & Pick<Refusal, 'code'> & Partial<Refusal>)

/** Returns the refusal of an id without a row, or with a row outside the asker's scope. */
export function notFound(what: LocalizedText): Refusal {
  return { code: 'not_found', message: { zh: `找不到${what.zh}`, en: `${what.en} not found` } }
}

/** Returns the refusal of a verb for a row that is already in the wanted state. */
export function already({ zh, en }: LocalizedText): Refusal {
  return { code: 'already', message: { zh, en: `${en} already` } }
}

export function wrongStatus(status: LocalizedText, step: LocalizedText): Refusal {
  const message = { zh: `${status.zh}，不能${step.zh}`, en: `${status.en}: cannot ${step.en.toLowerCase()}` }
  return { code: 'wrong_status', message }
}

/** `missing`: the refusal for an id without a row. `refOf`: returns a row's display number. */
export type Answers<Row> = { missing: Refusal; refOf(row: Row): string }

/** Returns one outcome for each different id, in the order of the ids. `whyNot` returns why a row was refused; undefined: it was done. */
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

export function numbered(what: LocalizedText): Answers<{ no: string }> {
  return { missing: notFound(what), refOf: ({ no }) => no }
}
