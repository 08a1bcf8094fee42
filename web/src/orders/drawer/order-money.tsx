import { yuan } from '../../../../server/lib/money-text.ts'
import { PageLink } from '../../ui/base/page-link.tsx'
import { Section } from '../../ui/overlay/drawer.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { OrderDetail } from '../types.ts'

type Money = OrderDetail['money']
type Row = { name: LocalizedPair; fen: number; total?: boolean }

/** 应付 = 已付 + 未付, 已付 − 已退 = 实收. A sum that is not consistent is red and shows the difference. */
export function OrderMoney({ order }: { order: OrderDetail }) {
  const say = useSay()
  return (
    <Section title={say(['金额', 'Money'])}>
      <div className="row" style={{ alignItems: 'flex-start' }}>
        <div className="t2 small money-limits">
          <Limits order={order} />
          <Earlier refunds={order.earlierRefunds} />
          {order.money.gaps.map((gap) => (
            <p key={gap.of} className="money-gap" role="alert">
              {say(gapWords[gap.of], { fen: yuan(Math.abs(gap.fen)) })}
            </p>
          ))}
        </div>
        <dl className="money-sums">
          {rowsOf(order.money, order.cod).map(({ name, fen, total }) => (
            <div key={name[1]} style={{ display: 'contents' }}>
              <dt className={total ? 'total' : 't2'}>{say(name)}</dt>
              <dd className={total ? 'num total' : 'num'}>{yuan(fen)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Section>
  )
}

function rowsOf(money: Money, cod: boolean): Row[] {
  const raised = money.discountFen < 0
  const rows: (Row | false)[] = [
    { name: ['商品合计', 'Goods'], fen: money.goodsFen },
    { name: raised ? ['改价', 'Price change'] : ['优惠', 'Discount'], fen: 0 - money.discountFen },
    { name: ['运费', 'Freight'], fen: money.postFeeFen },
    { name: ['应付', 'Due'], fen: money.dueFen, total: true },
    { name: ['已付', 'Paid'], fen: money.paidFen },
    money.unpaidFen !== 0 && {
      name: cod ? ['未付（货到付款）', 'Due on delivery'] : ['未付', 'Unpaid'],
      fen: money.unpaidFen,
    },
    money.refundedFen !== 0 && { name: ['已退', 'Refunded'], fen: 0 - money.refundedFen },
    { name: ['实收', 'Received'], fen: money.receivedFen, total: true },
    money.subsidyFen !== 0 && {
      name: ['平台补贴（另计）', 'Platform subsidy (apart)'],
      fen: money.subsidyFen,
    },
  ]
  return rows.filter((row) => row !== false)
}

const gapWords: Record<Money['gaps'][number]['of'], LocalizedPair> = {
  due: [
    '差 {fen}：商品、优惠、运费合起来不等于应付',
    '{fen} off: goods, discount and freight are not what is due',
  ],
  refunded: ['差 {fen}：已退和各笔退款合起来不等', '{fen} off: the refunds do not sum to what was refunded'],
  received: ['多退 {fen}：退的比付的多', '{fen} too much went back: more than was paid'],
}

function Limits({ order }: { order: OrderDetail }) {
  const say = useSay()
  return (
    <p>
      {say(['还可退 {left}；额外退款 {pending}', 'Refundable: {left}; extra refunds: {pending}'], {
        left: yuan(order.extraLimitFen),
        pending: yuan(order.extraPendingFen),
      })}
    </p>
  )
}

/** Refunds of trade lines that conversion left out. They are in none of the order's sums. */
function Earlier({ refunds }: { refunds: OrderDetail['earlierRefunds'] }) {
  const say = useSay()
  return refunds.map(({ refundNo, amountFen }) => (
    <p key={refundNo}>
      {say(['转单前已退 {fen}，不在应付内：', '{fen} went back before converting, not in what is due: '], {
        fen: yuan(amountFen),
      })}
      <PageLink to="/staged-refunds" search={{ refundNos: refundNo }}>
        {refundNo}
      </PageLink>
    </p>
  ))
}
