import { declareList } from '../../core/lists/declare-contract.ts'
import { pair } from '../../core/verbs-contract.ts'
import { documentStatusWords } from '../lifecycle.ts'
import type { CountTask } from './contract.ts'
import { countStatusWords } from './count-rules.ts'

const number = { width: '84px', align: 'right' } as const

export const countTaskList = declareList<CountTask>()({
  name: 'count-tasks',
  path: '/count-tasks',
  title: ['盘点任务', 'Counts'],
  permission: 'inventory.read',
  summary: 'Counting tasks, newest first; quantities of decided SKUs only',
  tab: 'open',
  tabs: {
    open: {
      words: pair(countStatusWords.open),
      groups: ['open'],
      empty: {
        title: ['没有在盘的', 'Nothing is being counted'],
        remedy: [
          '按 N 选要盘的库位或商品，或用手机扫；数在手机上数。',
          'Press N to choose bins or goods, or scan them with a phone; counting is done on the phone.',
        ],
      },
    },
    second: {
      words: ['等第二遍', 'Second count'],
      groups: ['open'],
      asks: { second: 'true' },
      empty: {
        title: ['没有等第二遍的', 'No second counts pending'],
        remedy: [
          '第一遍和账上对不上的，等别人数第二遍。',
          'What differs waits for somebody else to count it again.',
        ],
      },
    },
    differing: {
      words: ['有差异', 'Differing'],
      groups: ['done'],
      asks: { differs: 'true' },
      empty: {
        title: ['没有有差异的盘点', 'No count differs'],
        remedy: [
          '有差异的盘完后成一张盘点单，待审核。',
          'Differences become a stock-take that waits for approval.',
        ],
      },
    },
    done: { words: pair(countStatusWords.done), groups: ['done'] },
    cancelled: { words: pair(countStatusWords.cancelled), groups: ['cancelled'] },
  },
  sorts: [],
  sort: '-id',
  filters: {
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['单号开头、商家编码开头或商品名', 'Beginning of number or SKU code, or name'],
    },
    warehouse: { words: ['仓库', 'Warehouse'], kind: 'warehouses' },
    second: { words: ['等第二遍', 'Waits for a second count'], kind: 'flag', unseen: true },
    differs: { words: ['有差异', 'Differs'], kind: 'flag', unseen: true },
  },
  columns: [
    { key: 'no', words: ['单号', 'No.'], page: { width: 'minmax(120px,130fr)', fixed: true }, sheet: 18 },
    {
      key: 'warehouse',
      words: ['仓库', 'Warehouse'],
      of: (row) => row.warehouseName,
      page: { width: 'minmax(90px,110fr)' },
      sheet: 16,
    },
    { key: 'status', words: ['状态', 'Status'], codes: countStatusWords, sheet: 10 },
    { key: 'skus', words: ['品种', 'SKUs'], page: { ...number, width: '64px' }, sheet: 8 },
    {
      key: 'progress',
      words: ['数了 / 处', 'Counted'],
      of: (row) => `${row.lines - row.left} / ${row.lines}`,
      page: { ...number, width: '116px' },
    },
    { key: 'lines', words: ['处', 'Places'], sheet: 8 },
    { key: 'left', words: ['还要数', 'Left'], sheet: 8 },
    { key: 'seconds', words: ['等第二遍', 'Second count'], sheet: 10 },
    {
      key: 'differing',
      words: ['有差异的品种', 'Differing SKUs'],
      page: { width: 'minmax(120px,130fr)' },
      sheet: 12,
    },
    { key: 'more', words: ['盘盈件数', 'Pieces more'], sheet: 10 },
    { key: 'less', words: ['盘亏件数', 'Pieces less'], sheet: 10 },
    {
      key: 'counters',
      words: ['谁数的', 'Counted by'],
      of: (row) => row.counters.join('、') || null,
      page: { width: 'minmax(100px,140fr)' },
      sheet: 20,
    },
    {
      key: 'document',
      words: ['盘点单', 'Stock-take'],
      of: (row) => row.documentNo,
      page: { width: 'minmax(140px,150fr)' },
      sheet: 18,
    },
    {
      key: 'documentStatus',
      words: ['盘点单状态', 'Stock-take status'],
      codes: documentStatusWords,
      sheet: 12,
    },
    { key: 'created', words: ['开始', 'Begun'], page: { width: 'minmax(96px,110fr)' } },
    { key: 'createdBy', words: ['开始人', 'Begun by'], sheet: 12 },
    { key: 'createdAt', words: ['开始时间', 'Begun at'], kind: 'time', sheet: 20 },
    { key: 'ended', words: ['结束', 'Ended'], page: { width: 'minmax(96px,110fr)' } },
    { key: 'endedBy', words: ['结束人', 'Ended by'], sheet: 12 },
    { key: 'endedAt', words: ['结束时间', 'Ended at'], kind: 'time', sheet: 20 },
  ],
})
