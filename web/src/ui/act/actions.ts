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
import { carryOut, onlyRefusal, orderOf, type Whole } from './carry-out.ts'

type Undo<P extends VerbPath> = { path: P; permission: Permission; done: LocalizedPair } & (Partial<
  VerbInput<P>
> extends VerbInput<P>
  ? { input?: VerbInput<P> }
  : { input: VerbInput<P> })

type Common<Row> = {
  /** `data-action` of its buttons, where two actions share a path. */
  name?: string
  /** The API's bulk name; without one there is no work over a whole filter. */
  batch?: string | undefined
  words: LocalizedPair
  letter?: string
  permission: Permission
  primary?: boolean
  danger?: boolean
  /** What the toast says of rows that it was done to: "已转 {n} 条". */
  done: LocalizedPair
  /** What takes it back, offered for ten seconds: POST <path> { ids }. */
  undo?: { [P in VerbPath]: Undo<P> }[VerbPath]
  /** Whether that brings this row back to what it was; it does where left out. */
  undoable?: (row: Row) => boolean
  /** Where what it made is to be seen; asked with the numbers that it answered. */
  made?: { words: LocalizedPair; to: (refs: readonly string[]) => string }
  /** What goes on after it was done to these rows, to be followed to its end. */
  after?: (rows: readonly Row[]) => void
  /** What has to be done to this one row first; it is begun instead, with a word about it. */
  first?: (row: Row) => { action: RowAction<Row>; words: LocalizedPair } | undefined
  /** Asks first, with this sentence; `{n}` is the exact count. Work over a whole filter always asks. */
  confirm?: LocalizedPair
  /** Of all that a filter matches, those to which it can be done now: its list, the filter that tells, and what is said of them. */
  able?: { list: string; filter: Record<string, string>; words?: LocalizedPair }
  /** Tabs in which the action has a place; all when left out. */
  tabs?: readonly string[]
  /** Only of rows that somebody has before them, never of all that a filter matches. */
  seen?: boolean
  /** Why it cannot be done to this row, from the lifecycle table. */
  why?: (row: Row, say: Say) => string | undefined
}

/** Needs more than the rows: a form that calls `onSubmit` with the rest of the body. */
type Form<Row, Input> = (props: {
  rows: readonly Row[]
  count: number
  onSubmit: (input: Input) => void
  onClose: () => void
}) => React.ReactNode

/** What a form over rows is given: for the verb at that path it makes the rest of the body. */
export type FormProps<P extends VerbPath, Row = { id: string }> = Parameters<Form<Row, InputOf<P>>>[0]
type InputOf<P extends VerbPath> = NamesRows<P> extends true ? Body<'POST', P> : VerbInput<P>

/** What the verb takes besides the rows is what the form gives; `namesRows`: it says by itself which rows are meant. */
type Asks<Row, P extends VerbPath> =
  NamesRows<P> extends true
    ? { namesRows: true; input: Form<Row, Body<'POST', P>> }
    : Partial<VerbInput<P>> extends VerbInput<P>
      ? { namesRows?: false; input?: Form<Row, VerbInput<P>> }
      : { namesRows?: false; input: Form<Row, VerbInput<P>> }

/** Something that can be done to rows of a list, singly and in bulk: POST `path` { ids, …input }. */
export type RowAction<Row> = { [P in VerbPath]: Common<Row> & { path: P } & Asks<Row, P> }[VerbPath]

type Declared = Pick<VerbDeclaration, 'path' | 'permission' | 'words' | 'done' | 'bulk'>
type Own<Row, P extends VerbPath> = Omit<Common<Row>, 'permission' | 'batch' | 'words' | 'done'> &
  Partial<Pick<Common<Row>, 'words' | 'done' | 'batch'>> &
  Asks<Row, P>

/** Makes an action of a page: the verb's declaration, and the page's own letter, tabs, form … */
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
/** `rows`: as they were before. */
export type Results<Row> = { action: RowAction<Row>; rows: readonly Row[]; outcomes: readonly Outcome[] }

/** Runs actions: asks where that is due, does few rows at once and many as a batch, and keeps what was refused. */
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

  /** A form stays until the server has taken what was typed: a refusal costs nobody their words. */
  const run = async (order: Ask<Row>, input?: object) => {
    if (busy) return
    if (!order.action.input) setAsk(undefined)
    setBusy(true)
    try {
      const { action } = order
      const { outcomes, batchId } = await carryOut(order, input)
      if (outcomes) {
        const no = action.input && onlyRefusal(outcomes, say)
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
      // The next act need not wait until everything on the screen has been read again.
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
    if (hint) toast('idle', say(hint))
    if (no) toast(no.tone, say(no.words))
    else if (asks) setAsk(order)
    else void run(order)
  }
  /** What an action is beside the one row that is open. */
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
