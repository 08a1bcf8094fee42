import { declareList } from '../../core/lists/declare-contract.ts'
import type { LocalizedPair } from '../../lib/localized-text.ts'
import type { BlacklistRow } from './contract.ts'

export const blacklistKindWords: Record<BlacklistRow['kind'], LocalizedPair> = {
  phone: ['手机', 'Phone'],
  address: ['姓名和区县', 'Name and district'],
  nick: ['昵称', 'Nick'],
}

/** 黑名单: buyers whose orders a review check stops. */
export const blacklist = declareList<BlacklistRow>()({
  name: 'blacklist',
  path: '/blacklist',
  title: ['黑名单', 'Blacklist'],
  permission: 'orders.read',
  summary: 'Blacklisted buyers',
  tab: 'all',
  tabs: {
    all: {
      words: ['全部', 'All'],
      empty: {
        title: ['黑名单是空的', 'Nobody is on the blacklist'],
        remedy: ['在销售订单里选中，按「拉黑」。', 'Choose orders in the list and press Blacklist.'],
      },
    },
  },
  sorts: [],
  sort: '-id',
  filters: {},
  columns: [
    {
      key: 'masked',
      words: ['买家', 'Buyer'],
      of: (row) => [row.masked, row.region].filter(Boolean).join(' · '),
      page: { width: 'minmax(180px,220fr)', fixed: true },
    },
    {
      key: 'kind',
      words: ['按什么认', 'Known by'],
      codes: blacklistKindWords,
      page: { width: 'minmax(100px,120fr)' },
    },
    { key: 'reason', words: ['原因', 'Reason'], page: { width: 'minmax(180px,300fr)' } },
    { key: 'until', words: ['到', 'Until'], page: { width: '110px', align: 'right' } },
    { key: 'by', words: ['拉黑人', 'By'], page: { width: 'minmax(90px,100fr)' } },
    {
      key: 'at',
      words: ['时间', 'At'],
      kind: 'time',
      of: (row) => row.createdAt,
      page: { width: '104px', align: 'right' },
    },
  ],
})
