import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { refundKindWords, refundStatusWords } from '../../../../server/connectors/words-contract.ts'
import { yuan } from '../../../../server/lib/money-text.ts'
import { isOpen } from '../../../../server/orders/order/open-refund-rules.ts'
import { originalWords } from '../../../../server/orders/refunds/refund-rules.ts'
import { get } from '../../api.ts'
import { actorText } from '../../ui/base/actor.ts'
import { LoadError, Note } from '../../ui/base/empty.tsx'
import { every, lookAgainMs } from '../../ui/base/every.ts'
import { Countdown, Money } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { platformErrorText } from '../../ui/base/platform-error.ts'
import { Status, type Tone } from '../../ui/base/status.tsx'
import { clock, dayStart, nearTime, shortTime } from '../../ui/base/time.ts'
import { Section } from '../../ui/overlay/drawer.tsx'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import { ShopLabel, Thumb } from '../cells.tsx'
import { DoubtList } from '../doubts.tsx'
import { timelineOf } from '../events.ts'
import type { RefundDetail, RefundRow } from '../types.ts'
import { refundGoods, refundTypeWords } from '../words.ts'
import { RefundActs } from './refund-acts.tsx'
import {
  afterOf,
  answerOf,
  doneOf,
  isAnswered,
  isUnderWay,
  planOf,
  refusalOf,
  tableOf,
} from './refund-plan.ts'
import { deadlineOf } from './refunds.tsx'

type PageParts = {
  place: string
  /** Called after an answer. The refund stays visible with the answer, although it leaves the queue. */
  onAnswered: () => void
  onGone: () => void
}

/** One refund: its data, the effects of converting, and the refund rule that applies. */
export function RefundDecision({ id, ...page }: { id: string } & PageParts) {
  const waits = useRef({ id, since: 0 })
  const refund = useQuery({
    queryKey: ['/staged-refunds', id],
    queryFn: () => get('/staged-refunds/:id', { id }),
    // While an answer is being sent, the refund is read again and again, because the answer ends without the user.
    refetchInterval: (query) => {
      const { data } = query.state
      if (!data || !isUnderWay(data)) {
        waits.current.since = 0
        return false
      }
      if (waits.current.id !== id || waits.current.since === 0) waits.current = { id, since: Date.now() }
      return every(lookAgainMs(Date.now() - waits.current.since))(query)
    },
  })
  if (refund.error)
    return (
      <div className="decision">
        <LoadError error={refund.error} onRetry={() => void refund.refetch()} />
      </div>
    )
  if (!refund.data) return <div className="decision" aria-busy="true" />
  return <Loaded refund={refund.data} {...page} />
}

const statusTones: Record<RefundRow['status'], Tone> = {
  applied: 'warn',
  agreed: 'ring',
  refused: 'idle',
  closed: 'void',
  succeeded: 'ok',
  unknown: 'bad',
}

function Loaded({ refund, place, onAnswered, onGone }: { refund: RefundDetail } & PageParts) {
  const say = useSay()
  return (
    <section className="decision" aria-label={say(['退款 {no}', 'Refund {no}'], { no: refund.refundNo })}>
      <header className="decision-head">
        <h2>{refund.refundNo}</h2>
        <HeadState refund={refund} />
        <span className="t2 small cut">
          {say(refundTypeWords(refund.kind, refund.phase, refund.original?.standing))} ·{' '}
          <ShopLabel id={refund.shopId} />
        </span>
        <span className="push t2 small num">{place}</span>
      </header>
      <KeyFacts refund={refund} />
      <div className="decision-body">
        <div className="drawer-main">
          <Plan refund={refund} />
          <Goods refund={refund} />
          <Buyer refund={refund} />
          <Story refund={refund} />
        </div>
        <div className="drawer-side">
          <Rules refund={refund} />
        </div>
      </div>
      <RefundActs refund={refund} onAnswered={onAnswered} onGone={onGone} />
    </section>
  )
}

/** Our answer is shown until the platform has a new status, because the platform's old status says less. */
function HeadState({ refund }: { refund: RefundDetail }) {
  const say = useSay()
  const answer = refund.status === 'applied' ? answerOf(refund) : undefined
  const words = answer && headWords[answer]
  if (!words)
    return <Status tone={statusTones[refund.status]}>{say(refundStatusWords[refund.status])}</Status>
  return <Status tone={answer === 'refused' ? 'idle' : 'move'}>{say(words)}</Status>
}

const headWords: Record<string, LocalizedPair> = {
  refusing: ['拒绝中', 'Refusing'],
  refused: refundStatusWords.refused,
  agreeing: ['同意中', 'Agreeing'],
  agreed: ['已同意', 'Agreed'],
}

function KeyFacts({ refund }: { refund: RefundDetail }) {
  const say = useSay()
  const { original } = refund
  const limit = original ? original.paymentFen - original.refundedFen : 0
  return (
    <dl className="key-facts">
      <div>
        <dt>{say(['退款金额', 'Amount'])}</dt>
        <dd className="figure">
          <Money fen={refund.amountFen} symbol />
        </dd>
        <dd className="small t2">
          {original
            ? say(['订单实付 {paid}，可退上限 {limit}', 'Paid {paid}, refundable: {limit}'], {
                paid: yuan(original.paymentFen),
                limit: yuan(limit),
              })
            : '–'}
        </dd>
      </div>
      <div>
        <dt>{say(['剩余时间', 'Due in'])}</dt>
        <dd className="figure">
          <Countdown to={isAnswered(refund) ? null : deadlineOf(refund)} />
        </dd>
        <dd className="small t2">{deadlineText(refund, say)}</dd>
      </div>
      <div>
        <dt>{say(['原单', 'Original'])}</dt>
        {!original && (
          <dd>
            <Status tone="bad" strong>
              {say(['没有原单', 'None here'])}
            </Status>
          </dd>
        )}
        {original && !original.orderId && (
          <dd>
            <Status tone="ring" strong>
              {say(['仍在待转入', 'Still staged'])}
            </Status>
          </dd>
        )}
        {original?.orderId && (
          <dd>
            <Status tone={original.standing === 'voided' ? 'void' : 'move'} strong>
              {original.standing === '' ? '–' : say(originalWords[original.standing])}
            </Status>
          </dd>
        )}
        <dd className="small">
          {original?.orderId ? (
            <PageLink to="/orders" search={{ open: original.orderId }}>
              {original.orderNo}
            </PageLink>
          ) : original ? (
            <PageLink to="/staged-trades" search={{ open: original.tradeId }}>
              {refund.tid}
            </PageLink>
          ) : (
            <span className="t2">
              {say(['交易 {tid} 还没下载到', 'Trade {tid} has not come'], { tid: refund.tid })}
            </span>
          )}
        </dd>
      </div>
    </dl>
  )
}

function Plan({ refund }: { refund: RefundDetail }) {
  const say = useSay()
  const done = refund.state !== 'staged'
  const refusal = done ? undefined : refusalOf(refund)
  const suggested: LocalizedPair = refusal
    ? ['建议：先核对', 'Suggested: check first']
    : ['建议：转退单', 'Suggested: convert']
  return (
    <Section title={say(done ? ['已经做了', 'Decided'] : suggested)}>
      {refund.doubts.length > 0 && (
        <Note tone={refund.doubts.some(({ taken }) => !taken) ? 'bad' : 'warn'}>
          <b>{say(['没有读懂的内容', 'What could not be read'])}</b>
          <DoubtList doubts={refund.doubts} />
        </Note>
      )}
      {refund.error && <Note tone="bad">{platformErrorText(refund.error, say)}</Note>}
      <p className="t2">
        {done
          ? say(['{by} {at}', '{by}, {at}'], {
              by: actorText(refund.stateBy, say),
              at: shortTime(refund.stateAt),
            })
          : say(refusal ?? ['转退单后会做这些事：', 'Converting does this:'])}
      </p>
      {!refusal && (
        <dl className="plan">
          {(done ? doneOf(refund, say) : planOf(refund, say)).map((line) => (
            <div key={line.what}>
              <dt>{line.what}</dt>
              <dd>{line.does}</dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  )
}

function Goods({ refund }: { refund: RefundDetail }) {
  const say = useSay()
  const line = refund.original?.lines.find((each) => each.oid === refund.oid)
  const { title, quantity } = refundGoods(refund, say)
  return (
    <Section title={say(['退的商品', 'Goods'])}>
      <div className="goods">
        <Thumb url={refund.pictureUrl || (line?.pictureUrl ?? '')} title={title} />
        <div className="two grow">
          <div className="cut">
            {title} {quantity > 0 && <b>× {quantity}</b>}
          </div>
          <div className="cut">
            {[refund.spec, line && say(['买了 {n} 件', 'bought {n}'], { n: line.quantity })]
              .filter(Boolean)
              .join(say(['，', ', ']))}
          </div>
        </div>
        <Money fen={refund.amountFen} />
      </div>
    </Section>
  )
}

function deadlineText(refund: RefundDetail, say: Say): string {
  if (isAnswered(refund)) return say(['已答复，等平台更新', 'Answered; the platform has yet to show it'])
  const deadline = deadlineOf(refund)
  if (deadline)
    return say(['{at}，不答复平台视为同意', '{at}; no reply counts as approval'], { at: nearTime(deadline) })
  // A refund that is over keeps no deadline, even if the platform gave one.
  return isOpen(refund.status)
    ? say(['平台没有给期限', 'The platform gave no deadline'])
    : say(['已有结果，没有期限', 'Decided; no deadline is left'])
}

const goodsWords: Record<string, LocalizedPair> = {
  not_received: ['没收到货', 'Not received'],
  received: ['已收到货', 'Received'],
  returned: ['已寄回', 'Sent back'],
}

function Buyer({ refund }: { refund: RefundDetail }) {
  const say = useSay()
  const received = goodsWords[refund.goodsReceived]
  const facts: [string, string][] = [
    [say(['原因', 'Reason']), refund.buyerReason],
    [say(['说明', 'Says']), refund.description],
    [say(['货物', 'Goods']), received ? say(received) : ''],
    [say(['申请', 'Applied']), nearTime(refund.createdAt)],
    [say(['退回物流', 'Return parcel']), [refund.carrier, refund.waybillNo].filter(Boolean).join(' ')],
    [say(['平台限制', 'Constraint']), refund.constraint],
  ]
  return (
    <Section title={say(['买家说', 'The buyer'])}>
      <dl className="plan">
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </Section>
  )
}

function Story({ refund }: { refund: RefundDetail }) {
  const say = useSay()
  return (
    <Section title={say(['经过', 'Timeline'])}>
      <ol className="plan">
        {timelineOf(refund.events, say).map((entry) => (
          <li key={entry.id} className="story-line">
            <span className="t2 num">
              {dayStart(Date.parse(entry.at)) === dayStart(Date.now())
                ? clock(entry.at)
                : shortTime(entry.at)}
            </span>
            <span className="grow">{entry.text}</span>
            <span className="t2 small">{actorText(entry.by, say)}</span>
          </li>
        ))}
      </ol>
    </Section>
  )
}

function Rules({ refund }: { refund: RefundDetail }) {
  const say = useSay()
  const after = afterOf(refund, say)
  return (
    <>
      <Section
        title={say(['处理表', 'Rules'])}
        aside={`${say(refundKindWords[refund.kind])}${say(['，', ', '])}${say(refundStatusWords[refund.status])}`}
      >
        <dl className="rule-table">
          {tableOf(refund, say).map((row) => (
            <div key={row.id} className={row.lit ? 'lit' : ''} aria-current={row.lit || undefined}>
              <dt>{row.state}</dt>
              <dd>{row.does}</dd>
            </div>
          ))}
        </dl>
      </Section>
      {after.length > 0 && (
        <Section title={say(['之后会怎样', 'What comes after'])}>
          <dl className="plan">
            {after.map((line) => (
              <div key={line.what}>
                <dt>{line.what}</dt>
                <dd>{line.does}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
    </>
  )
}
