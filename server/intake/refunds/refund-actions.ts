import { connectorFor } from '../../connectors/index.ts'
import type { Actor, By, Scope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { countOfSubjects, enqueueOnce, ofSubjects } from '../../core/outbox/actions.ts'
import { AppError } from '../../errors.ts'
import { pictureType } from '../../lib/files/picture.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { isOpen } from '../../orders/order/open-refund-rules.ts'
import { agreementsTo } from '../../orders/refunds/refund-notices.ts'
import { comesBack, goodsOnly } from '../../orders/refunds/refund-row-rules.ts'
import { addRefundEvents } from '../event-queries.ts'
import { refusableStates } from '../lifecycle.ts'
import { noteOurAgreement } from '../staged/notices.ts'
import {
  lockRefundsForAction,
  type RefundForAction,
  setRefundErrors,
  setRefundsRefusing,
} from './refund-action-queries.ts'

export type Proof = { type: string; base64: string }
/** A refund as the user saw it. If its version or amount has changed, the answer to it is refused. */
export type Seen = { id: string; version: string; amountFen: number }
export type RefuseRequest = {
  reasonId: string
  message: string
  proof?: Proof | undefined
  proofUrl?: string | undefined
}
export type AgreeRequest = { code?: string | undefined }

/** The content of a refusal is sealed, because the message to the buyer and the picture are private. */
export type RefuseSecret = {
  reasonId: string
  message: string
  proof: string
  proofType: string
  proofUrl?: string | undefined
}

type Answered = { done: true; ref: string } | { done: false; error: AppError; ref?: string }
export type Answers = Map<string, Answered>
/** `already`: refunds to which the same answer was enqueued before. */
export type Sent = { answers: Answers; already: ReadonlySet<string> }

/**
 * 拒绝退款: a staged refund becomes `refusing`. If the platform accepts, it becomes `refused`; otherwise `staged` again with the error. Until
 * then it can be neither converted nor marked processed. A converted refund stays converted: only the platform's next version changes its
 * order. `platform`: the platform of the reason; refunds of other platforms are not done (`other_platform`).
 */
export async function refuseRefunds(
  tx: Tx,
  ring: KeyRing,
  { seen, request }: { seen: readonly Seen[]; request: RefuseRequest & { platform?: string | undefined } },
  { actor, scope }: By,
): Promise<Sent> {
  const [answers, chosen] = await lockForAnswers(tx, seen, scope, {
    action: 'refuseRefund',
    why: (refund) => whyNotRefuse(refund, request),
  })
  if (chosen.length === 0) return { answers, already: new Set() }
  const secret: RefuseSecret = {
    reasonId: request.reasonId,
    message: request.message,
    proof: request.proof?.base64 ?? '',
    proofType: request.proof?.type ?? '',
    proofUrl: request.proofUrl,
  }
  const ended = await countOfSubjects(tx, 'refund.refuse', subjectsOf(chosen), withoutEffect)
  const actions = chosen.map((refund) => ({
    ...actionOf(refund),
    kind: 'refund.refuse',
    idempotencyKey: refusalKey(refund, ended.get(refund.id) ?? 0),
    payload: payloadOf(refund),
    secret: seal(ring, refund.shopId, JSON.stringify(secret)),
  }))
  const made = await enqueueOnce(tx, actions, actor)
  const fresh = chosen.filter((_, at) => made.has(actions[at]?.idempotencyKey ?? ''))
  const staged = fresh.filter(({ state }) => state === 'staged')
  await setRefundsRefusing(
    tx,
    staged.map(({ id }) => id),
    actor.name,
  )
  await setRefundErrors(
    tx,
    fresh.map(({ id }) => ({ id, error: '' })),
  )
  await noteEach(tx, fresh, ({ version }) => ({ event: 'refusing', detail: { version } }), actor)
  return { answers, already: new Set(chosen.filter((one) => !fresh.includes(one)).map(({ id }) => id)) }
}

/** After these a refund may be refused again. */
const withoutEffect = ['failed', 'manual', 'withdrawn'] as const

/** A staged refund gets a new state after each answer. A converted one keeps its state, so its refusals without effect are counted. */
const refusalKey = ({ id, version, state, stateAt }: RefundForAction, ended: number): string =>
  `refund.refuse/${id}/${version}/${stateAt.getTime()}${state === 'converted' ? `/${ended}` : ''}`

/**
 * 同意退款: enqueues the agreements. It pays money, so each refund must have the amount that the user saw. A repeated call enqueues nothing;
 * after a failure the agreement is enqueued again.
 */
export async function agreeRefunds(
  tx: Tx,
  ring: KeyRing,
  { seen, request: { code = '' } }: { seen: readonly Seen[]; request: AgreeRequest },
  { actor, scope }: By,
): Promise<Sent> {
  const [answers, chosen] = await lockForAnswers(tx, seen, scope, { action: 'agreeRefund', why: whyNotAgree })
  const failed = await countOfSubjects(tx, 'refund.agree', subjectsOf(chosen), ['failed'])
  const actions = chosen.map((refund) => ({
    ...actionOf(refund),
    kind: 'refund.agree',
    idempotencyKey: `refund.agree/${refund.id}/${refund.version}/${code}/${failed.get(refund.id) ?? 0}`,
    payload: { ...payloadOf(refund), amountFen: refund.amountFen },
    ...(code === '' ? {} : { secret: seal(ring, refund.shopId, JSON.stringify({ code })) }),
  }))
  const made = await enqueueOnce(tx, actions, actor)
  const fresh = chosen.filter((_, at) => made.has(actions[at]?.idempotencyKey ?? ''))
  await setRefundErrors(
    tx,
    fresh.map(({ id }) => ({ id, error: '' })),
  )
  await noteEach(tx, fresh, ({ amountFen }) => ({ event: 'agreeing', detail: { amountFen } }), actor)
  // Until the platform answers, the result is unknown, so the goods must not be shipped.
  await noteOurAgreement(
    tx,
    fresh.map((refund) => ({ ...refund, agreeing: 'asked' })),
    actor,
  )
  return { answers, already: new Set(chosen.filter((one) => !fresh.includes(one)).map(({ id }) => id)) }
}

export function proofNeeded(refund: { platform: string; variant: string }): boolean {
  return connectorFor(refund.platform)?.refusal?.proofNeeded(refund.variant) ?? false
}

export const outcomesOf = (seen: readonly Seen[], { answers, already }: Sent): Outcome[] =>
  seen.map(({ id }): Outcome => {
    const answer = answers.get(id)
    const ref = answer?.ref === undefined ? {} : { ref: answer.ref }
    if (answer?.done && already.has(id))
      return { id, done: false, ...outcomeOf(new AppError('being_answered')), ...ref }
    if (answer?.done) return { id, done: true, ...ref }
    return { id, done: false, ...outcomeOf(answer?.error ?? notFound()), ...ref }
  })

const outcomeOf = (error: AppError) => ({
  code: error.code,
  message: { zh: error.text('zh'), en: error.text('en') },
})
export const notFound = () => new AppError('not_found', { what: { zh: '退单', en: 'Refund' } })
const changed = (field?: string) => new AppError('conflict', { what: { zh: '退单', en: 'Refund' } }, field)

/** Locks the refunds and refuses those that cannot be answered. */
async function lockForAnswers(
  tx: Tx,
  seen: readonly Seen[],
  scope: Scope,
  {
    action,
    why,
  }: {
    action: 'refuseRefund' | 'agreeRefund'
    why: (refund: RefundForAction, seen: Seen) => AppError | undefined
  },
): Promise<[Answers, RefundForAction[]]> {
  const asked = new Map(seen.map((one) => [one.id, one]))
  const held = await lockRefundsForAction(tx, [...asked.keys()], scope)
  // Our former answers are read after the lock, because each is enqueued under it.
  const agreed = await agreementsTo(tx, held)
  const refusing = await refusalsInEffect(tx, held)
  const answers: Answers = new Map()
  const chosen: RefundForAction[] = []
  for (const refund of held) {
    const { id, refundNo: ref } = refund
    const one = asked.get(id)
    if (!one) continue
    const agreement = agreed.find(({ shopId, refundNo }) => shopId === refund.shopId && refundNo === ref)
    const error =
      whyNotAnswer(refund, one, action) ??
      whyNotAgain(action, agreement) ??
      (refusing.has(id) ? new AppError('being_answered') : undefined) ??
      why(refund, one)
    answers.set(id, error ? { done: false, error, ref } : { done: true, ref })
    if (!error) chosen.push(refund)
  }
  return [answers, chosen]
}

function whyNotAnswer(
  refund: RefundForAction,
  seen: Seen,
  action: 'refuseRefund' | 'agreeRefund',
): AppError | undefined {
  const connector = connectorFor(refund.platform)
  if (!connector?.actions[action]) {
    const reason = connector?.cannot[action] ?? { zh: '接口不支持', en: 'no such interface' }
    const platform = connector?.name ?? { zh: refund.platform, en: refund.platform }
    return new AppError('unsupported_by_platform', { platform, reason })
  }
  if (refund.constraint !== '') return new AppError('platform_rejected', { detail: refund.constraint })
  if (refund.version !== seen.version) return changed('version')
  return undefined
}

/** An agreement that is being sent is not sent twice by its key, except with the code that the platform asked for. */
function whyNotAgain(
  action: 'refuseRefund' | 'agreeRefund',
  agreement: Awaited<ReturnType<typeof agreementsTo>>[number] | undefined,
): AppError | undefined {
  if (!agreement) return undefined
  if (action === 'refuseRefund') return new AppError('refund_not_open')
  return agreement.agreeing === 'done' ? new AppError('already_agreed') : undefined
}

function whyNotRefuse(
  refund: RefundForAction,
  { proof, platform }: { proof?: Proof | undefined; platform?: string | undefined },
): AppError | undefined {
  if (!refusableStates.includes(refund.state)) return changed()
  if (!isOpen(refund.status)) return new AppError('refund_not_open')
  if (platform !== undefined && platform !== refund.platform) return new AppError('other_platform')
  if (!proof && proofNeeded(refund)) return new AppError('proof_needed', {}, 'proof')
  const max = connectorFor(refund.platform)?.refusal?.proofMaxBytes ?? 0
  if (proof && Buffer.byteLength(proof.base64, 'base64') > max)
    return new AppError('proof_too_large', { max: max / 1000 }, 'proof')
  if (proof && !isPicture(proof)) return new AppError('proof_invalid', {}, 'proof')
  return undefined
}

/**
 * True if the text is a valid picture. Decoding ignores invalid characters of base64, so the decoded bytes are encoded again and compared.
 */
function isPicture({ type, base64 }: Proof): boolean {
  const bytes = Buffer.from(base64, 'base64')
  const whole = bytes.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '')
  return whole && pictureType(bytes) === type
}

function whyNotAgree(refund: RefundForAction, seen: Seen): AppError | undefined {
  if (refund.state === 'refusing' || refund.state === 'refused') return changed()
  if (!isOpen(refund.status)) return new AppError('refund_not_open')
  const never = whyNeverPaid(refund)
  if (never) return new AppError(never)
  return refund.amountFen === seen.amountFen ? undefined : new AppError('amount_differs', {}, 'amountFen')
}

/** Returns why an agreement to the refund as it is would pay nothing; undefined: it may pay, or lets the goods come back. */
export function whyNeverPaid(
  refund: Pick<RefundForAction, 'platform' | 'kind' | 'status'>,
): 'goods_first' | 'pays_nothing' | 'paid_there' | undefined {
  if (goodsComeFirst(refund)) return 'goods_first'
  if (refund.status !== 'agreed') return undefined
  if (goodsOnly.includes(refund.kind)) return 'pays_nothing'
  const isOfGoods = comesBack.includes(refund.kind)
  return isOfGoods && connectorFor(refund.platform)?.paysReturnsThere ? 'paid_there' : undefined
}

/** True if the seller must first agree to the return of the goods. Until then the platform refuses to pay. */
export function goodsComeFirst({
  platform,
  kind,
  status,
}: Pick<RefundForAction, 'platform' | 'kind' | 'status'>): boolean {
  const isOfGoods = kind !== 'refund_only' && kind !== 'money_only'
  return isOfGoods && status === 'applied' && connectorFor(platform)?.goodsFirst === true
}

const subjectsOf = (refunds: readonly { id: string }[]) => ({
  type: 'staged_refund',
  ids: refunds.map(({ id }) => id),
})

const underWay = ['pending', 'sending', 'unknown'] as const

/** Counts the agreements to each refund that wait to be sent, are being sent, or whose result is unclear. A refund without any is missing. */
export const agreementsUnderWay = (db: Database | Tx, refunds: readonly { id: string }[]) =>
  countOfSubjects(db, 'refund.agree', subjectsOf(refunds), underWay)

/**
 * Returns the ids of the refunds whose refusal is under way, and of those whose present version the platform has refused: its list shows the
 * new status later, and until then nothing else may be answered.
 */
export async function refusalsInEffect(
  db: Database | Tx,
  refunds: readonly { id: string; version: string }[],
): Promise<ReadonlySet<string>> {
  const states = [...underWay, 'succeeded', 'forced'] as const
  const found = await ofSubjects(db, 'refund.refuse', subjectsOf(refunds), states)
  const versions = new Map(refunds.map(({ id, version }) => [id, version]))
  const inEffect = found.filter(
    ({ subjectId, state, payload }) =>
      underWay.some((each) => each === state) || Object(payload).version === versions.get(subjectId),
  )
  return new Set(inEffect.map(({ subjectId }) => subjectId))
}

const payloadOf = ({ refundNo: refundId, tid, oid, phase, version, kind, status }: RefundForAction) => ({
  refundId,
  tid,
  oid,
  phase,
  version,
  kind,
  status,
})

const actionOf = ({ id, shopId, deadline }: RefundForAction) => ({
  shopId,
  subject: { type: 'staged_refund', id },
  deadline,
})

async function noteEach(
  tx: Tx,
  refunds: readonly RefundForAction[],
  eventOf: (refund: RefundForAction) => { event: string; detail: Record<string, unknown> },
  actor: Actor,
): Promise<void> {
  for (const [shopId, some] of Map.groupBy(refunds, (refund) => refund.shopId)) {
    const events = some.map((refund) => ({ refundNo: refund.refundNo, ...eventOf(refund) }))
    await addRefundEvents(tx, shopId, events, actor)
  }
}
