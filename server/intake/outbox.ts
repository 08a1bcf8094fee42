import { answeredAlready, refundChanged } from '../connectors/answers.ts'
import type { Connector, RefundKind, RefundPhase, RefundStatus } from '../connectors/connector.ts'
import { type Actor, systemActor, wholeScope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { Action, ActionHandler, ActionOutcome, Ended, Verification } from '../core/outbox/handlers.ts'
import { onlyNewest } from '../core/outbox/newest.ts'
import { wakeTask } from '../core/tasks/tasks.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { unseal } from '../lib/seal.ts'
import { markReportedStopped } from '../orders/refunds/refund-told.ts'
import { callShop, type OpenedShop } from '../shops/calls.ts'
import { addRefundEvents, addTradeEvents } from './event-queries.ts'
import type { RefundState } from './lifecycle.ts'
import { agreePace } from './refunds/agree-pace.ts'
import { cancelKind, cancelOf, cancelReportGuard, markNotReported } from './refunds/cancel-reports.ts'
import { lockRefundsForAction, setRefundErrors, setRefusalsEnded } from './refunds/refund-action-queries.ts'
import { agreementsUnderWay, type RefuseSecret } from './refunds/refund-actions.ts'
import { noteOurAgreement } from './staged/notices.ts'
import { requestDetails } from './trades/pool-queries.ts'

type RefundPayload = {
  refundId: string
  tid: string
  oid: string
  phase: RefundPhase
  version: string
  kind?: RefundKind
  /** Undefined: the action was enqueued before this field existed. */
  status?: RefundStatus
  amountFen?: number
}
type MemoPayload = { tid: string; flag: number | null; flagOnly?: true }

const isAnswered = ({ code }: PlatformError) => code === answeredAlready

export const intakeActions: readonly ActionHandler<OpenedShop>[] = [
  {
    kind: 'refund.refuse',
    name: { zh: '拒绝退款', en: 'Refuse refund' },
    rank: 0,
    mostAttempts: 4,
    isDone: isAnswered,
    async send(shop, action, signal) {
      const payload = refundOf(action)
      const secret: RefuseSecret = secretOf(shop, action)
      const proof = secret.proof === '' ? null : Buffer.from(secret.proof, 'base64')
      await write(shop, signal, (connector, call) =>
        needed(connector.actions.refuseRefund)(call, {
          ...payload,
          reasonId: secret.reasonId,
          message: secret.message,
          proof,
          proofType: secret.proofType,
          ...(secret.proofUrl === undefined ? {} : { proofUrl: secret.proofUrl }),
          ...operatorOf(action),
        }),
      )
      return null
    },
    look: (shop, action, signal) => verifyRefund(shop, action, 'refused', signal),
    onResults: afterRefusals,
  },
  {
    kind: 'refund.agree',
    name: { zh: '同意退款', en: 'Agree to refund' },
    rank: 0,
    mostAttempts: 3,
    isDone: isAnswered,
    async send(shop, action, signal) {
      const payload = refundOf(action)
      const { code } = secretOf<{ code?: string }>(shop, action)
      const answer = await write(shop, signal, (connector, call) =>
        needed(connector.actions.agreeRefund)(call, {
          refunds: [{ ...payload, amountFen: payload.amountFen ?? 0 }],
          ...(code ? { code } : {}),
          ...operatorOf(action),
        }),
      )
      if (answer.outcome === 'code_needed')
        throw new PlatformError('rejected', 'sms_code_needed', 'The platform sent a code to the shop owner.')
      const refused = answer.results.find((result) => !result.ok)
      if (refused) throw new PlatformError('rejected', 'agree_refused', refused.message)
      return null
    },
    look: (shop, action, signal) => verifyRefund(shop, action, 'succeeded', signal),
    recheck: agreePace,
    beforeRetry: beforeAgreeing,
    onResults: afterAgreements,
  },
  {
    kind: cancelKind,
    name: { zh: '上报取消发货', en: 'Report a cancel' },
    rank: 0,
    async send(shop, action, signal) {
      const payload = cancelOf(action)
      await write(shop, signal, (connector, call) =>
        needed(connector.actions.reportCancel)(call, { ...payload, at: new Date(payload.at) }),
      )
      return null
    },
    // A repeated report is harmless, so an unclear one is sent again.
    look: async () => 'repeat',
    recheck: cancelReportGuard,
    onResults: afterCancels,
  },
  {
    kind: 'trade.memo',
    name: { zh: '写卖家备注', en: 'Write memo' },
    rank: 1,
    async send(shop, action, signal) {
      const payload = memoOf(action)
      const { memo } = secretOf<{ memo: string }>(shop, action)
      await write(shop, signal, (connector, call) =>
        needed(connector.actions.updateMemo)(call, { ...payload, memo }),
      )
      return null
    },
    // Writing a memo again is harmless, so an unclear one is sent again.
    look: async (shop) => (shop.connector.actions.updateMemo ? 'repeat' : 'cannot_tell'),
    recheck: onlyNewest,
    async onResults(tx, ended) {
      // Memos of the same shop and user are recorded by one insert.
      const byAsker = Map.groupBy(
        ended,
        ({ action }) => `${action.shopId} ${JSON.stringify(action.createdBy)}`,
      )
      for (const some of byAsker.values()) {
        const [first] = some
        const events = some.map(({ action, outcome }) => ({
          tid: memoOf(action).tid,
          event: `memo_${outcome.state}`,
          detail: errorOf(outcome),
        }))
        if (first) await addTradeEvents(tx, first.action.shopId, events, first.action.createdBy)
      }
      // The trade's detail is requested, so that the memo on the platform is compared with the order's.
      await requestDetails(
        tx,
        ended.map(({ action }) => ({ shopId: action.shopId, tid: memoOf(action).tid })),
      )
    },
  },
]

/** Writes the results of refusals. A converted refund gets only the error. One that is no longer being refused does not change. */
async function afterRefusals(tx: Tx, ended: readonly Ended[]): Promise<void> {
  const held = await lockRefundsForAction(tx, subjectsOf(ended), wholeScope)
  const states = new Map(held.map(({ id, state }) => [id, state]))
  const inState = (wanted: RefundState) =>
    ended.filter(({ action }) => states.get(action.subjectId) === wanted)
  const refusing = inState('refusing')
  const converted = inState('converted')
  await setRefundErrors(
    tx,
    converted.map(({ action, outcome }) => ({ id: action.subjectId, error: messageOf(outcome) })),
  )
  await setRefusalsEnded(
    tx,
    refusing.map(({ action, outcome }) => ({
      id: action.subjectId,
      done: isDone(outcome),
      by: action.createdBy.name,
      error: messageOf(outcome),
    })),
  )
  await noteAnswers(tx, [...refusing, ...converted], (done) => (done ? 'refused' : 'refuse_failed'))
  await wakeTask(tx, 'refund_list', ...new Set(ended.map(({ action }) => action.shopId)))
}

async function afterAgreements(tx: Tx, ended: readonly Ended[]): Promise<void> {
  const held = await lockRefundsForAction(tx, subjectsOf(ended), wholeScope)
  const rows = ended.map(({ action, outcome }) => ({ id: action.subjectId, error: messageOf(outcome) }))
  await setRefundErrors(tx, rows)
  await noteAnswers(tx, ended, (done) => (done ? 'agreed' : 'agree_failed'))
  const outcomes = new Map(ended.map(({ action, outcome }) => [action.subjectId, outcome]))
  const others = await agreementsUnderWay(
    tx,
    ended.map(({ action }) => ({ id: action.subjectId })),
  )
  const heard = held.flatMap((refund) => {
    const outcome = outcomes.get(refund.id)
    if (!outcome) return []
    const agreeing = others.has(refund.id) ? ('asked' as const) : agreeingAfter(outcome, refund.status)
    return [{ ...refund, agreeing }]
  })
  await noteOurAgreement(tx, heard, systemActor)
  await wakeTask(tx, 'refund_list', ...new Set(ended.map(({ action }) => action.shopId)))
}

/**
 * If a user ended the action by hand, the platform's answer is unknown, and the agreement counts as done until a version of the refund with
 * another status comes. None comes for a closed or refused refund, so its agreement ends.
 */
function agreeingAfter(outcome: ActionOutcome, status: RefundStatus): '' | 'done' {
  const isOver = status === 'closed' || status === 'refused'
  return !isOver && (isDone(outcome) || outcome.state === 'manual') ? 'done' : ''
}

/** Runs when a user sends ended agreements again: the refunds stop their orders again, as after the first sending. */
async function beforeAgreeing(tx: Tx, actions: readonly Action[], actor: Actor): Promise<void> {
  const held = await lockRefundsForAction(
    tx,
    actions.map(({ subjectId }) => subjectId),
    wholeScope,
  )
  await noteOurAgreement(
    tx,
    held.map((refund) => ({ ...refund, agreeing: 'asked' })),
    actor,
  )
}

const subjectsOf = (ended: readonly Ended[]) => ended.map(({ action }) => action.subjectId)
const isDone = ({ state }: ActionOutcome) => state === 'succeeded' || state === 'forced'

/** The failure as a refund keeps it. For a changed refund it is our code, because some platforms give only a number and an English text. */
function messageOf(outcome: ActionOutcome): string {
  if (outcome.state !== 'failed') return ''
  return outcome.code === refundChanged ? outcome.code : outcome.message
}

/** Records the answers as events, with one insert for each shop and user. */
async function noteAnswers(
  tx: Tx,
  ended: readonly Ended[],
  eventOf: (done: boolean) => string,
): Promise<void> {
  const byAsker = Map.groupBy(ended, ({ action }) => `${action.shopId} ${JSON.stringify(action.createdBy)}`)
  for (const some of byAsker.values()) {
    const [first] = some
    const events = some.map(({ action, outcome }) => ({
      refundNo: refundOf(action).refundId,
      event: eventOf(isDone(outcome)),
      detail: errorOf(outcome),
    }))
    if (first) await addRefundEvents(tx, first.action.shopId, events, first.action.createdBy)
  }
}

async function afterCancels(tx: Tx, ended: readonly Ended[]): Promise<void> {
  const stops = ended.filter(({ action }) => cancelOf(action).failure === null)
  const held = await lockRefundsForAction(tx, subjectsOf(stops), wholeScope)
  const having = (wanted: (one: Ended) => boolean) => {
    const ids = new Set(subjectsOf(stops.filter(wanted)))
    return held.filter(({ id }) => ids.has(id))
  }
  await markNotReported(
    tx,
    having(({ outcome }) => outcome.state === 'failed'),
  )
  // A user who ends the report by hand confirms that the platform knows, or that the user informs it.
  await markReportedStopped(
    tx,
    having(({ outcome }) => outcome.state === 'forced' || outcome.state === 'manual'),
    true,
  )
  for (const [shopId, some] of Map.groupBy(ended, ({ action }) => action.shopId)) {
    const events = some.map(({ action, outcome }) => {
      const { refundId, failure } = cancelOf(action)
      const detail = { told: failure ?? 'stopped', ...errorOf(outcome) }
      return { refundNo: refundId, event: `cancel_${outcome.state}`, detail }
    })
    await addRefundEvents(tx, shopId, events, systemActor)
  }
  // The platform may have paid the refund at once, so the refunds are downloaded.
  await wakeTask(tx, 'refund_list', ...new Set(ended.map(({ action }) => action.shopId)))
}

/**
 * Asks the platform whether an unclear answer to a refund had its effect. A closed refund was not paid, so our agreement had none. Whether
 * our refusal had its effect is unclear then, because the refund may have been closed after it.
 */
async function verifyRefund(
  shop: OpenedShop,
  action: Action,
  wanted: 'refused' | 'succeeded',
  signal: AbortSignal,
): Promise<Verification> {
  const payload = refundOf(action)
  const ask = (connector: Connector, call: OpenedShop['call']) => connector.refunds.detail(call, payload)
  const detail = await callShop(shop, ask, { signal, tries: 1 })
  if (!detail || !('refund' in detail)) return 'cannot_tell'
  const { status, version } = detail.refund
  if (status === wanted) return 'done'
  if (wanted === 'succeeded' && status === 'closed') return 'not_done'
  // The answer of a refund of money is an agreement; the platform pays later, and may take days. That of goods is one only where it lets them come back.
  const isOfMoney = payload.kind === 'refund_only' || payload.kind === 'money_only'
  const isAnswer = isOfMoney || shop.connector.agreesToReturns
  if (wanted === 'succeeded' && isAnswer && payload.status === 'applied' && status === 'agreed') return 'done'
  return version === payload.version && (status === 'applied' || status === 'agreed')
    ? 'not_done'
    : 'cannot_tell'
}

function write<T>(
  shop: OpenedShop,
  signal: AbortSignal,
  work: (connector: Connector, call: OpenedShop['call']) => Promise<T>,
): Promise<T> {
  return callShop(shop, work, { effect: 'write', signal })
}

function needed<T>(action: T | undefined): T {
  if (action === undefined)
    throw new PlatformError('rejected', 'unsupported', 'This platform has no such action.')
  return action
}

/** A platform that asks who answered is given a user's name; keys and tasks have none. */
const operatorOf = ({ createdBy }: Action) =>
  createdBy.kind === 'user' ? { operator: createdBy.name } : undefined

function secretOf<T>(shop: OpenedShop, action: Action): T {
  return JSON.parse(
    action.secret ? unseal(shop.deps.ring, action.shopId, action.secret).toString('utf8') : '{}',
  )
}

const errorOf = (outcome: ActionOutcome) => (outcome.state === 'failed' ? { code: outcome.code } : {})

function refundOf(action: Action): RefundPayload {
  const payload = action.payload
  if (!isRefund(payload)) throw new Error(`Action ${action.id} carries no refund.`)
  return payload
}

function isRefund(payload: unknown): payload is RefundPayload {
  return typeof payload === 'object' && payload !== null && 'refundId' in payload && 'version' in payload
}

function memoOf(action: Action): MemoPayload {
  const payload = action.payload
  if (!isMemo(payload)) throw new Error(`Action ${action.id} carries no memo.`)
  return payload
}

function isMemo(payload: unknown): payload is MemoPayload {
  return typeof payload === 'object' && payload !== null && 'tid' in payload
}
