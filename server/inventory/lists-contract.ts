import { declareList } from '../core/lists/declare-contract.ts'
import type { StockRow } from './contract.ts'

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
