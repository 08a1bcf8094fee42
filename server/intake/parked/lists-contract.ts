import { declareList } from '../../core/lists/declare-contract.ts'
import type { LocalizedPair } from '../../lib/localized-text.ts'
import type { ParkedRow } from './parked-contract.ts'

export const parkedKindWords: Record<ParkedRow['kind'], LocalizedPair> = {
  trade: ['交易', 'Trade'],
  refund: ['退款', 'Refund'],
}

/** 异常数据: documents of a platform that could not be read. They are kept sealed, so that they can be read again. */
export const parkedList = declareList<ParkedRow>()({
  name: 'parked-items',
  path: '/parked-items',
  title: ['异常数据', 'Unreadable data'],
  permission: 'trades.read',
  summary: 'What could not be understood, newest first',
  tab: 'open',
  tabs: {
    open: {
      words: ['没读懂', 'Unread'],
      empty: {
        title: ['平台的数据都读懂了', 'Everything could be read'],
        remedy: [
          '读不懂的会封存在这里，不会丢，也不挡别的。',
          'What cannot be read is kept here sealed and holds up nothing.',
        ],
      },
    },
    settled: { words: ['已解决', 'Settled'] },
  },
  sorts: [],
  sort: '-id',
  filters: {
    kind: { words: ['类型', 'Type'], kind: 'choices', choices: parkedKindWords, one: true, unseen: true },
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
  },
  columns: [
    { key: 'id', words: ['号码', 'Number'], page: { width: 'minmax(170px,200fr)', fixed: true } },
    { key: 'shop', words: ['店铺', 'Shop'], page: { width: 'minmax(180px,220fr)' } },
    { key: 'kind', words: ['类型', 'Type'], codes: parkedKindWords, page: { width: '90px' } },
    { key: 'times', words: ['次数', 'Times'], page: { width: '70px', align: 'right' } },
    {
      key: 'first',
      words: ['第一次', 'First'],
      kind: 'time',
      of: (row) => row.firstSeen,
      page: { width: '104px', align: 'right' },
    },
    {
      key: 'last',
      words: ['最近', 'Latest'],
      kind: 'time',
      of: (row) => row.lastSeen,
      page: { width: '104px', align: 'right' },
    },
  ],
})
