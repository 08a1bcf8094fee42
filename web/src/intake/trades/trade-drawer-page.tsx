import { useQuery } from '@tanstack/react-query'
import {
  refundStatusWords,
  tradeHoldWords,
  tradeStatusWords,
} from '../../../../server/connectors/words-contract.ts'
import { reasonWords } from '../../../../server/intake/lifecycle.ts'
import { yuan } from '../../../../server/lib/money-text.ts'
import { get } from '../../api.ts'
import { nameOf, type RowAction, useActions } from '../../ui/act/actions.ts'
import { type Act, Acts } from '../../ui/act/acts.tsx'
import { refusalText } from '../../ui/act/batch-words.ts'
import { codeText } from '../../ui/base/code-words.ts'
import { LoadError, Note } from '../../ui/base/empty.tsx'
import { Countdown, Time } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { Flag, Status } from '../../ui/base/status.tsx'
import { nearTime } from '../../ui/base/time.ts'
import { Timeline } from '../../ui/base/timeline.tsx'
import { ListDialogs } from '../../ui/list/list-dialogs.tsx'
import { Drawer, Section, Steps } from '../../ui/overlay/drawer.tsx'
import { useSay } from '../../words.ts'
import { ShopLabel } from '../cells.tsx'
import { DoubtList } from '../doubts.tsx'
import { tradeTimeline } from '../events.ts'
import type { TradeDetail, TradeRow } from '../types.ts'
import { fetchErrorText, intakeWords, platformStatusText } from '../words.ts'
import { GoodsLines } from './goods-lines.tsx'
import { Personal } from './personal.tsx'
import { tradeActions } from './trades.tsx'

type DrawerProps = { id: string; rows: readonly TradeRow[]; step: (by: number) => void; onClose: () => void }

const mainAct = ({ reason, doubts }: TradeDetail): RowAction<TradeRow> => {
  if (doubts.some(({ taken }) => !taken) && (reason === 'doubtful' || reason === 'unknown_status'))
    return tradeActions.take
  if (reason === 'shipped_elsewhere') return tradeActions.record
  return reason === 'duplicate' ? tradeActions.instead : tradeActions.convert
}

export default function TradeDrawer({ id, rows, step, onClose }: DrawerProps) {
  const say = useSay()
  const trade = useQuery({
    queryKey: ['/staged-trades', id],
    queryFn: () => get('/staged-trades/:id', { id }),
  })
  const actions = useActions<TradeRow>(() => undefined)
  const { data } = trade
  const possible = data
    ? [
        mainAct(data),
        data.state === 'processed' ? tradeActions.unprocess : tradeActions.process,
        tradeActions.remove,
      ]
    : []
  const whyNot = (action: RowAction<TradeRow>) => {
    const name =
      action === tradeActions.record ? 'convertAsRecord' : action.path.replace('/staged-trades/', '')
    const verdict = data?.actions.find((each) => each.action === name)
    return (
      actions.allowed(action.permission) ??
      (verdict && !verdict.allowed ? whyText(verdict.code, say) : undefined)
    )
  }
  const acts = possible.map(
    (action: RowAction<TradeRow>, index): Act => ({
      name: nameOf(action),
      words: action.words,
      letter: action.letter,
      why: whyNot(action),
      primary: index === 0,
      danger: action.danger,
      run: () => data && actions.start(action, [data]),
    }),
  )
  return (
    <Drawer
      label={say(['交易 {no}', 'Trade {no}'], { no: data?.tid ?? '' })}
      at={rows.findIndex((row) => row.id === id)}
      total={rows.length}
      step={step}
      onClose={onClose}
      title={
        data && (
          <>
            <h2 className="num">{data.tid}</h2>
            <Status tone={data.state === 'converted' ? 'ok' : 'move'}>
              {say(tradeStatusWords[data.status])}
            </Status>
            <span className="t2 small cut">
              <ShopLabel id={data.shopId} />
            </span>
          </>
        )
      }
      foot={data && <Acts acts={acts} busy={actions.busy} />}
    >
      {trade.error ? (
        <LoadError error={trade.error} onRetry={() => void trade.refetch()} />
      ) : (
        data && <Body key={data.id} trade={data} />
      )}
      <ListDialogs actions={actions} batch={undefined} rows={data ? [data] : []} nameOf={(row) => row.tid} />
    </Drawer>
  )
}

function whyText(code: string, say: ReturnType<typeof useSay>): string {
  const reason = Object.entries(reasonWords).find(([name]) => name === code)?.[1]
  return reason
    ? say([`不能转：${reason.zh}。${reason.zhRemedy}。`, `${reason.en}. ${reason.enRemedy}.`])
    : refusalText(code, say)
}

function Body({ trade }: { trade: TradeDetail }) {
  const say = useSay()
  const reason = Object.entries(reasonWords).find(([name]) => name === trade.reason)?.[1]
  const order = ['fetching', 'staged', 'converted']
  const at = order.indexOf(trade.state === 'processed' ? 'staged' : trade.state)
  const stateWords = [
    say(['取明细', 'Fetch']),
    say(['待转入', 'Staged']),
    trade.state === 'processed' ? say(['已处理', 'Processed']) : say(['已转单', 'Converted']),
  ]
  const steps = stateWords.map((words, index) => ({
    words,
    state:
      trade.state === 'processed'
        ? index === 2
          ? ('now' as const)
          : ('done' as const)
        : index < at || trade.state === 'converted'
          ? ('done' as const)
          : index === at
            ? ('now' as const)
            : ('ahead' as const),
    ...((index === at && trade.state !== 'processed') || (index === 2 && trade.state === 'processed')
      ? { at: nearTime(trade.stateAt), by: trade.stateBy }
      : {}),
  }))
  return (
    <>
      <Steps steps={steps} />
      {reason && trade.state !== 'converted' && (
        <Note
          tone="warn"
          action={
            trade.reason === 'refund_open' && (
              <PageLink act to="/staged-refunds" search={{ tids: trade.tid }}>
                {say(intakeWords.handleRefund)}
              </PageLink>
            )
          }
        >
          <b>{say(reason)}</b>
          {say(['。', '. '])}
          <span className="t2">{say([reason.zhRemedy, reason.enRemedy])}</span>
        </Note>
      )}
      {trade.doubts.length > 0 && (
        <Note tone={trade.doubts.some(({ taken }) => !taken) ? 'bad' : 'warn'}>
          <b>{say(['没有读懂的内容', 'What could not be read'])}</b>
          <DoubtList doubts={trade.doubts} />
        </Note>
      )}
      {trade.fetch?.error && (
        <Note tone="bad">
          <b>{say(intakeWords.detailFailed)}</b>{' '}
          <span className="t2">{fetchErrorText(trade.fetch.error, say)}</span>
        </Note>
      )}
      <div className="drawer-body">
        <div className="drawer-main">
          <Facts trade={trade} />
          <GoodsLines
            lines={trade.lines}
            pieces={trade.quantity}
            keyOf={(line) => line.oid}
            state={(line) => <LineState line={line} />}
          />
          <Sums trade={trade} />
        </div>
        <div className="drawer-side">
          <Relatives trade={trade} />
          <Section title={say(['经过', 'Timeline'])}>
            <Timeline entries={tradeTimeline(trade, say)} />
          </Section>
        </div>
      </div>
    </>
  )
}

function Facts({ trade }: { trade: TradeDetail }) {
  const say = useSay()
  return (
    <dl className="fact-grid">
      <Personal
        path="/staged-trades/:id/reveal"
        id={trade.id}
        masked={trade.receiverMasked}
        region={trade.region}
      />
      <dt>{say(['付款', 'Paid'])}</dt>
      <dd>
        <Time at={trade.paidAt} />
      </dd>
      <dt>{say(['下单', 'Ordered'])}</dt>
      <dd>
        <Time at={trade.orderedAt} />
      </dd>
      <dt>{say(['发货剩余', 'Ship within'])}</dt>
      <dd>
        <Countdown to={trade.shipBy} />
      </dd>
      <dt>{say(['买家', 'Buyer'])}</dt>
      <dd className="cut">{trade.buyerMasked || '–'}</dd>
      {trade.buyerMessage && (
        <>
          <dt>{say(['买家留言', 'Message'])}</dt>
          <dd className="wide">{trade.buyerMessage}</dd>
        </>
      )}
      {(trade.sellerMemo || trade.flag > 0) && (
        <>
          <dt>{say(['卖家备注', 'Memo'])}</dt>
          <dd className="wide row">
            <Flag flag={trade.flag} /> <span>{trade.sellerMemo}</span>
          </dd>
        </>
      )}
      <dt>{say(['平台状态', 'Platform'])}</dt>
      <dd className="wide t2">
        {[
          platformStatusText(trade, say),
          ...trade.holds.map((hold) => codeText(tradeHoldWords, hold, say)),
        ].join(say(['，', ', ']))}
      </dd>
    </dl>
  )
}

const lineRefunds: Record<string, readonly ['warn' | 'void' | 'idle', string, string]> = {
  applied: ['warn', '退款申请中', 'Refund open'],
  succeeded: ['void', '已退款', 'Refunded'],
  closed: ['idle', '退款已关闭', 'Refund closed'],
}

function LineState({ line }: { line: TradeDetail['lines'][number] }) {
  const say = useSay()
  const refund = lineRefunds[line.refund]
  return refund ? (
    <Status tone={refund[0]}>{say([refund[1], refund[2]])}</Status>
  ) : (
    <span className="t2">{say(tradeStatusWords[line.status])}</span>
  )
}

function Sums({ trade }: { trade: TradeDetail }) {
  const say = useSay()
  const goods = trade.lines.reduce((sum, line) => sum + line.priceFen * line.quantity, 0)
  return (
    <Section title={say(['金额', 'Money'])}>
      <dl className="money-sums">
        <dt className="t2">{say(['商品合计', 'Goods'])}</dt>
        <dd className="num">{yuan(goods)}</dd>
        <dt className="t2">{say(['优惠', 'Discount'])}</dt>
        <dd className="num">{yuan(trade.paymentFen - trade.postFeeFen - goods)}</dd>
        <dt className="t2">{say(['运费', 'Freight'])}</dt>
        <dd className="num">{yuan(trade.postFeeFen)}</dd>
        <dt className="total">{trade.paidAt ? say(['实付', 'Paid']) : say(['应付', 'Due'])}</dt>
        <dd className="num total">{yuan(trade.paymentFen)}</dd>
      </dl>
    </Section>
  )
}

function Relatives({ trade }: { trade: TradeDetail }) {
  const say = useSay()
  return (
    <Section title={say(['关联单据', 'Related'])}>
      <dl className="relatives">
        <dt className="t3">{say(['订单', 'Order'])}</dt>
        <dd>
          {trade.orderId ? (
            <PageLink to="/orders" search={{ open: trade.orderId }}>
              {trade.orderNo}
            </PageLink>
          ) : trade.reason === 'duplicate' ? (
            <PageLink to="/orders" search={{ tab: 'all', q: trade.orderNo }}>
              {say(['同号单 {no}', 'Same number: {no}'], { no: trade.orderNo })}
            </PageLink>
          ) : (
            <Status tone="ring">{say(['未转单', 'Not converted'])}</Status>
          )}
        </dd>
        {trade.refunds.map((refund) => (
          <div key={refund.id} style={{ display: 'contents' }}>
            <dt className="t3">{say(['退款', 'Refund'])}</dt>
            <dd>
              <PageLink to="/staged-refunds" search={{ open: refund.id }}>
                {refund.refundNo}
              </PageLink>
              <div className="small">
                <Status
                  tone={refund.status === 'applied' ? 'warn' : refund.status === 'succeeded' ? 'ok' : 'idle'}
                >
                  {say(refundStatusWords[refund.status])} ¥{yuan(refund.amountFen)}
                </Status>
              </div>
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}
