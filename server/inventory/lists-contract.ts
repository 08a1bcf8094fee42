import { declareList } from '../core/lists/declare-contract.ts'
import { pair } from '../core/verbs-contract.ts'
import type { StockDocument, StockRow } from './contract.ts'
import { documentStatusWords, kindWords } from './lifecycle.ts'

const pieces = { width: '88px', align: 'right' } as const

export const stockList = declareList<StockRow>()({
  name: 'stock',
  path: '/stock',
  title: ['库存', 'Stock'],
  permission: 'inventory.read',
  summary: 'Stock by SKU and warehouse, the newest SKUs first',
  tab: 'all',
  tabs: {
    all: {
      words: ['全部', 'All'],
      empty: {
        title: ['还没有库存', 'No stock yet'],
        remedy: [
          '先建仓库，再用调整单或盘点单写入数量。',
          'Add a warehouse, then enter quantities by an adjustment or a count.',
        ],
      },
    },
    short: {
      words: ['缺货', 'Short'],
      empty: {
        title: ['没有缺货', 'Nothing is short'],
        remedy: ['占不到库存的订单会在这里。', 'What orders wait for shows up here.'],
      },
    },
    locked: {
      words: ['有锁定', 'Locked'],
      empty: {
        title: ['没有锁定的库存', 'Nothing is locked'],
        remedy: ['用锁定单为大促留货。', 'Locks keep goods for promotions.'],
      },
    },
  },
  sorts: [],
  sort: '',
  filters: {
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['商家编码开头或商品名', "The code's beginning or the name"],
    },
    warehouse: { words: ['仓库', 'Warehouse'], kind: 'warehouses' },
  },
  columns: [
    { key: 'sku', words: ['商品', 'Goods'], page: { width: 'minmax(220px,300fr)', fixed: true } },
    {
      key: 'code',
      words: ['商家编码', 'Code'],
      page: { width: 'minmax(110px,130fr)', only: 'compact' },
      sheet: 20,
    },
    { key: 'name', words: ['商品名', 'Name'], sheet: 40 },
    { key: 'spec', words: ['规格', 'Spec'], sheet: 20 },
    {
      key: 'warehouse',
      words: ['仓库', 'Warehouse'],
      of: (row) => row.warehouseName,
      page: { width: 'minmax(100px,130fr)' },
      sheet: 16,
    },
    { key: 'onHand', words: ['在库', 'On hand'], page: pieces, sheet: 10 },
    { key: 'reserved', words: ['占用', 'Reserved'], page: pieces, sheet: 10 },
    { key: 'locked', words: ['锁定', 'Locked'], page: pieces, sheet: 10 },
    { key: 'inTransit', words: ['在途', 'In transit'], page: pieces, sheet: 10 },
    { key: 'available', words: ['可用', 'Available'], page: { ...pieces, fixed: true }, sheet: 10 },
    { key: 'short', words: ['缺货', 'Short'], sheet: 10 },
    { key: 'state', words: ['情况', 'State'], page: { width: 'minmax(110px,130fr)' } },
  ],
})

export const documentList = declareList<StockDocument>()({
  name: 'stock-documents',
  path: '/stock-documents',
  title: ['库存单据', 'Stock documents'],
  permission: 'inventory.read',
  summary: 'Stock documents, newest first',
  tab: 'draft',
  tabKey: 'status',
  tabs: {
    draft: {
      words: pair(documentStatusWords.draft),
      groups: ['draft'],
      empty: {
        title: ['没有待审核的单据', 'No drafts'],
        remedy: [
          '按 N 新建调整、调拨、盘点或锁定单。',
          'Press N for an adjustment, a transfer, a count or a lock.',
        ],
      },
    },
    approved: {
      words: pair(documentStatusWords.approved),
      groups: ['approved'],
      empty: {
        title: ['没有待过账的单据', 'Nothing to post'],
        remedy: ['审核过的单据会在这里等过账。', 'Approved documents wait here.'],
      },
    },
    sent: {
      words: pair(documentStatusWords.sent),
      groups: ['sent'],
      empty: {
        title: ['没有在途的调拨', 'Nothing is on its way'],
        remedy: ['发出还没收到的调拨单会在这里。', 'Transfers that were sent and not received show up here.'],
      },
    },
    posted: { words: pair(documentStatusWords.posted), groups: ['posted'] },
    voided: { words: pair(documentStatusWords.voided), groups: ['voided'] },
  },
  sorts: [],
  sort: '-id',
  filters: {
    q: { words: ['单号', 'No.'], kind: 'text' },
    kind: { words: ['类型', 'Type'], kind: 'choices', choices: kindWords, column: 'kind' },
    warehouse: { words: ['仓库', 'Warehouse'], kind: 'warehouses' },
  },
  columns: [
    { key: 'no', words: ['单号', 'No.'], page: { width: 'minmax(130px,140fr)', fixed: true } },
    { key: 'kind', words: ['类型', 'Type'], page: { width: 'minmax(100px,110fr)' } },
    { key: 'warehouse', words: ['仓库', 'Warehouse'], page: { width: 'minmax(130px,180fr)' } },
    {
      key: 'lines',
      words: ['品种', 'SKUs'],
      of: (row) => row.lineCount,
      page: { width: '64px', align: 'right' },
    },
    { key: 'quantity', words: ['数量', 'Pieces'], page: { width: '80px', align: 'right' } },
    {
      key: 'note',
      words: ['备注', 'Note'],
      of: (row) => row.note || null,
      page: { width: 'minmax(120px,200fr)' },
    },
    { key: 'created', words: ['制单', 'Written'], page: { width: 'minmax(100px,110fr)' } },
  ],
})
