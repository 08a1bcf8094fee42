import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { VerbDeclaration } from '../../../../server/core/verbs-contract.ts'
import type { Permission } from '../../../../server/users/permissions.ts'
import type { Outcome } from '../../api.ts'
import type { Body, NamesRows, VerbInput, VerbPath } from '../../api-routes.ts'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import { useAllowed } from '../base/session.ts'
import { toast, toastError } from '../overlay/toasts.tsx'
import type { Act } from './acts.tsx'
import type { Target } from './batches.ts'
import { carryOut, onlyRefusal, orderOf, type Whole, whyForNone } from './carry-out.ts'

type Undo<P extends VerbPath> = { path: P; permission: Permission; done: LocalizedPair } & (Partial<
  VerbInput<P>
> extends VerbInput<P>
  ? { input?: VerbInput<P> }
  : { input: VerbInput<P> })

type Common<Row> = {
  /** The value of `data-action`, if two actions have the same path. */
  name?: string
  /** Name of the bulk action. Undefined: the action cannot run over a whole filter. */
  batch?: string | undefined
  words: LocalizedPair
  letter?: string
  permission: Permission
  primary?: boolean
  danger?: boolean
  /** The toast after success: "已转 {n} 条". */
  done: LocalizedPair
  /** The verb that undoes the action. It is offered for ten seconds: POST <path> { ids }. */
  undo?: { [P in VerbPath]: Undo<P> }[VerbPath]
  /** Returns true if undo restores the former state of this row. Undefined: it always does. */
  undoable?: (row: Row) => boolean
  /** The link to the documents that the action created, made from the `ref` values of the outcomes, or from the rows. */
  made?: { words: LocalizedPair; to: (refs: readonly string[], rows: readonly Row[]) => string }
  /** Called with the done rows, to follow work that continues. */
  after?: (rows: readonly Row[]) => void
  /** Returns another action that must come first for this row, with its text. It is started instead. */
  first?: (row: Row) => { action: RowAction<Row>; words: LocalizedPair } | undefined
  /** The confirmation text; `{n}` is the exact count. An action over a whole filter always asks. */
  confirm?: LocalizedPair
  /**
   * The list and filter that count the rows to which the action can be applied now, with the text of the count. `most`: the count stops there,
   * since it takes long.
   */
  able?: { list: string; filter: Record<string, string>; words?: LocalizedPair; most?: number }
  /** The part of the body that comes from the rows as the user saw them, such as their versions. */
  seenAs?: (rows: readonly Row[]) => object
  /** Tabs in which the action is offered. Undefined: all. */
  tabs?: readonly string[]
  /** True: the user must have seen and selected the rows, so the action cannot run over a whole filter. */
  seen?: boolean
  /** Returns why the action is not possible for the row, by the decision table. */
  why?: (row: Row, say: Say) => string | undefined
  /**
   * True: its form does not open by key for rows that are all refused. Undefined: it opens, and the server judges them again, since loaded
   * rows may be older, as just after their numbers were taken.
   */
  whyFirst?: boolean
}

/** The form of an action that needs more than the rows. It calls `onSubmit` with the rest of the body. */
type Form<Row, Input> = (props: {
  rows: readonly Row[]
  count: number
  /** The rows by id, or the filter of all rows. */
  target?: Target
  onSubmit: (input: Input) => void
  onClose: () => void
}) => React.ReactNode

export type FormProps<P extends VerbPath, Row = { id: string }> = Parameters<Form<Row, InputOf<P>>>[0]
type InputOf<P extends VerbPath> = NamesRows<P> extends true ? Body<'POST', P> : VerbInput<P>

/** The form supplies the verb's input. `namesRows`: it also supplies the rows. */
type Asks<Row, P extends VerbPath> =
  NamesRows<P> extends true
    ? { namesRows: true; input: Form<Row, Body<'POST', P>> }
    : Partial<VerbInput<P>> extends VerbInput<P>
      ? { namesRows?: false; input?: Form<Row, VerbInput<P>> }
      : { namesRows?: false; input: Form<Row, VerbInput<P>> }

/** Whether an action can be done now is asked of each row, of its stops, goods and accounts, so the count stops here: "1,000+". */
export const ableMost = 1000

/** An action on rows of a list, single or in bulk: POST `path` { ids, …input }. */
export type RowAction<Row> = { [P in VerbPath]: Common<Row> & { path: P } & Asks<Row, P> }[VerbPath]

type Declared = Pick<VerbDeclaration, 'path' | 'permission' | 'words' | 'done' | 'bulk'>
type Own<Row, P extends VerbPath> = Omit<Common<Row>, 'permission' | 'batch' | 'words' | 'done'> &
  Partial<Pick<Common<Row>, 'words' | 'done' | 'batch'>> &
  Asks<Row, P>

/** Makes a page's action from the declared verb and the page's own letter, tabs, form and so on. */
export const actionsOn =
  <Row>() =>
  <P extends VerbPath>(verb: Declared & { path: P }, own: Own<Row, P>) => ({
    ...{ ...verb, batch: verb.bulk?.name },
    ...own,
  })

export const shownAs = (
  action: Pick<Common<never>, 'name' | 'words' | 'letter' | 'danger'> & { path: string },
) => ({
  name: nameOf(action),
  words: action.words,
  letter: action.letter,
  danger: action.danger,
})

export const nameOf = ({ name, path }: { name?: string; path: string }): string => name ?? path

export type Ask<Row> = { action: RowAction<Row>; rows: readonly Row[]; target: Target; count: number }
/** `rows`: the rows as they were before the action. */
export type Results<Row> = { action: RowAction<Row>; rows: readonly Row[]; outcomes: readonly Outcome[] }

/** Runs actions: asks first if required, sends few rows directly and many as a bulk action, and keeps the refused outcomes. */
export function useActions<Row extends { id: string }>(
  onDone: (doneIds: readonly string[], action: RowAction<Row>) => void,
) {
  const say = useSay()
  const queries = useQueryClient()
  const allowed = useAllowed()
  const [ask, setAsk] = useState<Ask<Row>>()
  const [results, setResults] = useState<Results<Row>>()
  const [batchId, setBatchId] = useState<string>()
  const [panel, setPanel] = useState(false)
  const [busy, setBusy] = useState(false)

  /** A form stays open until the server has accepted its input, so that a refusal does not lose the input. */
  const run = async (order: Ask<Row>, input?: object) => {
    if (busy) return
    if (!order.action.input) setAsk(undefined)
    setBusy(true)
    try {
      const { action } = order
      const { outcomes, batchId } = await carryOut(order, { ...action.seenAs?.(order.rows), ...input })
      if (outcomes) {
        const no = action.input && (await onlyRefusal(outcomes, say))
        if (no) return toast('warn', no)
        setAsk(undefined)
        setResults({ action, rows: order.rows, outcomes })
        const done = new Set(outcomes.filter((each) => each.done).map(({ id }) => id))
        action.after?.(order.rows.filter(({ id }) => done.has(id)))
        onDone([...done], action)
      } else if (batchId) {
        setAsk(undefined)
        setBatchId(batchId)
        onDone([], action)
      }
      // Not awaited, so that the next action can begin before all data is read again.
      void queries.invalidateQueries()
    } catch (error) {
      toastError(error)
    } finally {
      setBusy(false)
    }
  }

  const start = (asked: RowAction<Row>, rows: readonly Row[], whole?: Whole) => {
    const { order, hint, no, asks } = orderOf(asked, rows, whole)
    if (busy || allowed(order.action.permission) !== undefined) return
    const why = asks && !whole && order.action.whyFirst ? whyForNone(order, say) : undefined
    if (hint && !why) toast('idle', say(hint))
    if (no) toast(no.tone, say(no.words))
    else if (why) toast('warn', why)
    else if (asks) setAsk(order)
    else void run(order)
  }
  /** Returns the action as a button for the opened row. */
  const actOf = (action: RowAction<Row>, row: Row): Act => ({
    name: nameOf(action),
    words: action.words,
    letter: action.letter,
    why: allowed(action.permission) ?? action.why?.(row, say),
    primary: action.primary,
    danger: action.danger,
    run: () => start(action, [row]),
  })
  return {
    start,
    actOf,
    run,
    ask,
    setAsk,
    results,
    setResults,
    batchId,
    setBatchId,
    panel,
    setPanel,
    busy,
    allowed,
  }
}
