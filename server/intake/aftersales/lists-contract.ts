import { declareList } from '../../core/lists/declare-contract.ts'
import { originalWords } from '../../orders/refunds/refund-rules.ts'
import { refundList } from '../refunds/lists-contract.ts'
import type { AfterSalesRow } from './desk-contract.ts'
import { dutyWords, noOrderWords } from './desk-rules.ts'

const { shop, kind, phase, status, due, q, refundNos, tids } = refundList.filters

const groups = ['staged', 'converted', 'refusing']
/** Refunds whose platform waits for our answer. */
const waiting = { status: 'applied,agreed' }

export const afterSalesList = declareList<AfterSalesRow>()({
  name: 'aftersale',
  path: '/aftersale',
  title: ['售后工作台', 'After-sale desk'],
  permission: 'refunds.read',
  summary: 'Refunds that wait for a decision, with what is suggested',
  tab: 'open',
  tabs: {
    open: {
      words: ['待决定', 'To decide'],
      groups,
      asks: waiting,
      empty: {
        title: ['没有等决定的退款', 'No refund waits for a decision'],
        remedy: [
          '买家申请的退款会按到期时间排在这里。',
          'Refunds that buyers ask for stand here by their deadline.',
        ],
      },
    },
    due: {
      words: ['4 小时内到期', 'Due in 4 h'],
      groups,
      asks: { ...waiting, due: 'soon' },
      empty: {
        title: ['4 小时内没有到期的退款', 'Nothing is due within 4 hours'],
        remedy: ['到期不处理，平台视为同意。', 'Silence means consent.'],
      },
    },
    unconverted: {
      words: ['未转退单', 'Not converted'],
      groups: ['staged'],
      asks: waiting,
      empty: {
        title: ['都已转退单', 'All are converted'],
        remedy: [
          '转退单后，退款才落到订单的商品和金额上；挡发货不用等转单。',
          'Converting puts a refund on the goods and money of its order; the order is stopped before that.',
        ],
      },
    },
  },
  sorts: refundList.sorts,
  sort: 'deadline',
  filters: {
    shop,
    kind,
    /** The state of the original, or why there is none. */
    original: {
      words: ['原单状态', 'Original'],
      kind: 'choices',
      choices: { ...originalWords, ...noOrderWords },
    },
    phase,
    duty: {
      words: ['责任', 'Borne by'],
      kind: 'choices',
      choices: { ...dutyWords, none: ['未判', 'Not said'] },
    },
    deadlineTo: { words: ['到期早于', 'Due before'], kind: 'until', column: 'deadline' },
    status: { ...status, linked: true },
    due,
    q: {
      ...q,
      hint: ['退款号、交易号、买家昵称、商家编码', 'Refund or trade no., nick, outer code'],
    },
    refundNos,
    tids,
  },
  columns: [
    {
      key: 'no',
      words: ['退款号 / 店铺', 'Refund no. / shop'],
      page: { width: 'minmax(158px,160fr)', fixed: true },
    },
    { key: 'type', words: ['类型 / 原因', 'Type / reason'], page: { width: 'minmax(140px,150fr)' } },
    { key: 'goods', words: ['商品', 'Goods'], page: { width: 'minmax(140px,210fr)' } },
    {
      key: 'amount',
      words: ['金额 ¥', 'Amount ¥'],
      kind: 'money',
      of: (row) => row.amountFen,
      page: { width: '84px', align: 'right' },
    },
    {
      key: 'deadline',
      words: ['剩余时间', 'Due in'],
      page: { width: '84px', align: 'right', sort: 'deadline' },
    },
    {
      key: 'original',
      words: ['原单', 'Original'],
      page: { width: 'minmax(188px,188fr)', compactWidth: 'minmax(156px,120fr)' },
    },
    { key: 'duty', words: ['责任', 'Borne by'], page: { width: 'minmax(88px,88fr)' } },
  ],
})
