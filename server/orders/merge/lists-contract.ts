import { declareList } from '../../core/lists/declare-contract.ts'
import type { MergeSuggestion } from './merge-contract.ts'

/** 合单建议: receivers with several open orders. The tab `ready` has only suggestions with at least two orders that can be merged. */
export const mergeList = declareList<MergeSuggestion>()({
  name: 'merges',
  path: '/order-merges',
  title: ['合单建议', 'To be merged'],
  permission: 'orders.read',
  summary: 'Receivers to whom several open orders go',
  tab: 'all',
  tabs: {
    ready: {
      words: ['可合单', 'Can be merged'],
      empty: {
        title: ['没有可合的单', 'Nothing to merge'],
        remedy: [
          '同一收件人有几张没发的单时会在这里。自动合单在「计划任务」里打开。',
          'Receivers of several open orders show up here. Switch automatic merging on under Tasks.',
        ],
      },
    },
    all: {
      words: ['全部', 'All'],
      empty: {
        title: ['没有同一收件人的几张单', 'No receiver has several open orders'],
        remedy: ['合不了的也在这里，写着原因。', 'What cannot be merged is here as well, with the reason.'],
      },
    },
  },
  sorts: [],
  sort: '',
  filters: {},
  columns: [
    { key: 'receiver', words: ['收件人', 'Receiver'], page: { width: 'minmax(160px,200fr)', fixed: true } },
    { key: 'shop', words: ['店铺', 'Shop'], page: { width: 'minmax(140px,150fr)' } },
    { key: 'together', words: ['能合的单', 'Can be merged'], page: { width: 'minmax(220px,320fr)' } },
    {
      key: 'pieces',
      words: ['件数', 'Pieces'],
      of: (row) => mergeable(row).reduce((sum, { quantity }) => sum + quantity, 0),
      page: { width: '64px', align: 'right' },
    },
    {
      key: 'fen',
      words: ['实付 ¥', 'Paid ¥'],
      kind: 'money',
      of: (row) => mergeable(row).reduce((sum, { paymentFen }) => sum + paymentFen, 0),
      page: { width: '96px', align: 'right' },
    },
    { key: 'apart', words: ['不能合的', 'Not with them'], page: { width: 'minmax(200px,320fr)' } },
  ],
})

type Member<Order> = { order: Order; why: unknown }

/** Returns the orders of a suggestion that can be merged. */
export const mergeable = <Order>({ orders }: { orders: readonly Member<Order>[] }): Order[] =>
  orders.flatMap(({ order, why }) => (why === null ? [order] : []))
