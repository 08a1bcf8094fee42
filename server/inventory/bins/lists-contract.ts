import { declareList } from '../../core/lists/declare-contract.ts'
import type { BinRow } from './contract.ts'

const codesOf = (goods: readonly { code: string }[]) => goods.map(({ code }) => code).join('、')

export const binList = declareList<BinRow>()({
  name: 'bins',
  path: '/bins',
  title: ['库位', 'Bins'],
  permission: 'inventory.read',
  summary: 'Bins, in the order in which a picker walks past them',
  tab: 'all',
  tabs: {
    all: {
      words: ['在用', 'In use'],
      empty: {
        title: ['还没有库位', 'No bins yet'],
        remedy: [
          '按 I 从表格导入库位和商品，或按 N 新增一个。没有库位也能拣货，只是不按路线。',
          'Press I to import bins with their goods, or N to add one. Goods without a bin are picked last.',
        ],
      },
    },
    empty: {
      words: ['没放商品', 'Without goods'],
      empty: {
        title: ['每个库位都有商品', 'Every bin has goods'],
        remedy: ['没有商品的库位会在这里。', 'Bins without goods show up here.'],
      },
    },
    retired: { words: ['已停用', 'Retired'] },
  },
  sorts: [],
  sort: '',
  filters: {
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['库位开头、商家编码开头或商品名', 'Beginning of bin or SKU code, or name'],
    },
    warehouse: { words: ['仓库', 'Warehouse'], kind: 'warehouses' },
  },
  columns: [
    { key: 'code', words: ['库位', 'Bin'], page: { width: 'minmax(110px,140fr)', fixed: true }, sheet: 16 },
    {
      key: 'warehouse',
      words: ['仓库', 'Warehouse'],
      of: (row) => row.warehouseName,
      page: { width: 'minmax(100px,120fr)' },
      sheet: 16,
    },
    { key: 'route', words: ['顺序', 'Route'], page: { width: '88px', align: 'right' }, sheet: 10 },
    {
      key: 'mains',
      words: ['主库位的商品', 'Picked here'],
      of: (row) => codesOf(row.mains),
      page: { width: 'minmax(220px,320fr)' },
      sheet: 40,
    },
    {
      key: 'spares',
      words: ['备库位的商品', 'Spare of'],
      of: (row) => codesOf(row.spares),
      page: { width: 'minmax(140px,200fr)' },
      sheet: 40,
    },
    { key: 'edit', words: ['修改', 'Change'], page: { width: '96px', align: 'right', fixed: true } },
  ],
})
