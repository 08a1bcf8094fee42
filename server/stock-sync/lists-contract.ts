import { declareList, wordOf } from '../core/lists/declare-contract.ts'
import type { StockSyncRow } from './contract.ts'
import { stockSyncStateLabels, syncFailureLabels, traceWords } from './lifecycle.ts'

const pieces = { width: '70px', align: 'right' } as const

export const stockSyncList = declareList<StockSyncRow>()({
  name: 'stock-uploads',
  path: '/stock-uploads',
  title: ['库存同步', 'Stock upload'],
  permission: 'inventory.read',
  summary: 'What each listing may sell, and what its platform was told',
  tab: 'all',
  tabs: {
    all: {
      words: ['全部', 'All'],
      groups: ['failed', 'waiting', 'synced', 'paused', 'off'],
      empty: {
        title: ['还没有要同步的平台商品', 'There is nothing to tell yet'],
        remedy: [
          '匹配了 SKU 的平台商品几分钟内出现在这里；按 S 按店铺开启。',
          'Listings that are matched appear here within minutes; press S to switch a shop on.',
        ],
      },
    },
    failed: {
      words: ['失败', 'Failed'],
      groups: ['failed'],
      empty: {
        title: ['没有失败的', 'Nothing has failed'],
        remedy: ['推不成的会留在这里，写明原因。', 'What could not be told stays here with its reason.'],
      },
    },
    waiting: { words: ['待同步', 'Waiting'], groups: ['waiting'] },
    synced: { words: ['已同步', 'Up to date'], groups: ['synced'] },
    paused: { words: ['停用', 'Off'], groups: ['paused', 'off'] },
  },
  sorts: ['createdAt'],
  sort: '-createdAt',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    own: { words: ['单独规则', 'Rule of its own'], kind: 'yesNo' },
    /** true: only listings with the calculated quantity 0; false: only those with a greater one. */
    zero: {
      words: ['应推数量', 'Quantity'],
      kind: 'choices',
      one: true,
      choices: { true: ['为 0', 'None'], false: ['大于 0', 'Some'] },
    },
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['标题、规格、商家编码、平台 ID', 'Title, spec, outer code or platform id'],
      few: true,
    },
    skuId: { words: ['指定的 SKU', 'Given SKU'], kind: 'id', linked: true, few: true },
    ids: { words: ['指定的平台商品', 'Given listings'], kind: 'ids', few: true },
  },
  columns: [
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    {
      key: 'goods',
      words: ['平台商品 / 规格', 'Listing / spec'],
      page: { width: 'minmax(220px,260fr)', fixed: true },
    },
    {
      key: 'shop',
      words: ['店铺', 'Shop'],
      kind: 'shop',
      page: { width: 'minmax(110px,120fr)' },
      sheet: 20,
    },
    { key: 'title', words: ['平台商品', 'Listing'], sheet: 40 },
    { key: 'spec', words: ['规格', 'Spec'], sheet: 20 },
    { key: 'itemId', words: ['平台商品 ID', 'Platform item'], sheet: 20 },
    { key: 'platformSkuId', words: ['平台 SKU ID', 'Platform SKU'], sheet: 20 },
    { key: 'skuCode', words: ['商家编码', 'SKU'], sheet: 18 },
    {
      key: 'sku',
      words: ['SKU', 'SKU'],
      of: (row) => row.skuCode || '–',
      page: { width: 'minmax(100px,110fr)' },
    },
    { key: 'free', words: ['可用', 'Free'], of: (row) => row.trace?.base, page: pieces },
    { key: 'rule', words: ['规则', 'Rule'], page: { width: 'minmax(100px,130fr)' } },
    { key: 'standing', words: ['状态', 'Status'], codes: stockSyncStateLabels, sheet: 10 },
    {
      key: 'problem',
      words: ['原因', 'Reason'],
      of: (row, language) =>
        [wordOf(syncFailureLabels, row.problem, language), row.problemText].filter(Boolean).join(' '),
      sheet: 30,
    },
    {
      key: 'quantity',
      words: ['应推', 'To tell'],
      page: { width: '76px', align: 'right', fixed: true },
      sheet: 10,
    },
    { key: 'told', words: ['已推', 'Pushed'], of: (row) => row.toldQuantity, page: pieces, sheet: 10 },
    { key: 'toldAt', words: ['推送时间', 'Told at'], kind: 'time', sheet: 20 },
    {
      key: 'there',
      words: ['平台库存', 'Stock there'],
      of: (row) => row.platformQuantity,
      page: { width: '94px', align: 'right' },
      sheet: 10,
    },
    {
      key: 'toldAt',
      words: ['推送时间', 'Told at'],
      kind: 'time',
      page: { width: '102px', align: 'right' },
    },
    {
      key: 'trace',
      words: ['怎么算的', 'How it came about'],
      of: (row, language) => (row.trace === null ? '' : traceWords(row.trace)[language]),
      sheet: 60,
    },
  ],
})
