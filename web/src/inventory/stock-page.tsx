import { useMemo } from 'react'
import { Soon, soon } from '../ui/base/soon.tsx'
import { Status } from '../ui/base/status.tsx'
import type { Column } from '../ui/list/data-list.tsx'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import { useWarehouseField } from './query.ts'
import { Pieces, SkuCell } from './sku.tsx'
import type { StockRow } from './types.ts'

const stockDrawer = soon(() => import('./stock-drawer-page.tsx'))

const columns: readonly Column<StockRow>[] = [
  {
    key: 'sku',
    title: ['商品', 'Goods'],
    width: 'minmax(220px,300fr)',
    fixed: true,
    cell: (row, compact) => <SkuCell sku={row} compact={compact} />,
  },
  {
    key: 'code',
    title: ['商家编码', 'Code'],
    width: 'minmax(110px,130fr)',
    only: 'compact',
    cell: (row) => <div className="cut">{row.code}</div>,
  },
  {
    key: 'warehouse',
    title: ['仓库', 'Warehouse'],
    width: 'minmax(100px,130fr)',
    cell: (row) => <div className="cut">{row.warehouseName}</div>,
  },
  {
    key: 'onHand',
    title: ['在库', 'On hand'],
    width: '88px',
    align: 'right',
    cell: (row) => <Pieces of={row.onHand} />,
  },
  {
    key: 'reserved',
    title: ['占用', 'Reserved'],
    width: '88px',
    align: 'right',
    cell: (row) => <Pieces of={row.reserved} />,
  },
  {
    key: 'locked',
    title: ['锁定', 'Locked'],
    width: '88px',
    align: 'right',
    cell: (row) => <Pieces of={row.locked} />,
  },
  {
    key: 'inTransit',
    title: ['在途', 'In transit'],
    width: '88px',
    align: 'right',
    cell: (row) => <Pieces of={row.inTransit} />,
  },
  {
    key: 'available',
    title: ['可用', 'Available'],
    width: '88px',
    align: 'right',
    fixed: true,
    cell: (row) => <Pieces of={row.available} strong />,
  },
  {
    key: 'state',
    title: ['情况', 'State'],
    width: 'minmax(110px,130fr)',
    cell: (row) => <StockState row={row} />,
  },
]

function StockState({ row }: { row: StockRow }) {
  const say = useSay()
  if (row.short > 0)
    return <Status tone="bad">{say(['缺 {n} 件', '{n} {n|piece|pieces} short'], { n: row.short })}</Status>
  if (row.available === 0) return <Status tone="warn">{say(['已占完', 'Used up'])}</Status>
  return <Status tone="ok">{say(['有货', 'In stock'])}</Status>
}

const base: Omit<ListConfig<StockRow>, 'fields'> = {
  name: 'stock',
  path: '/stock',
  title: ['库存', 'Stock'],
  tabs: [
    {
      key: 'all',
      title: ['全部', 'All'],
      empty: {
        title: ['还没有库存', 'No stock yet'],
        remedy: [
          '先建仓库，再用调整单或盘点单写入数量。',
          'Add a warehouse, then enter quantities by an adjustment or a count.',
        ],
      },
    },
    {
      key: 'short',
      title: ['缺货', 'Short'],
      empty: {
        title: ['没有缺货', 'Nothing is short'],
        remedy: ['占不到库存的订单会在这里。', 'What orders wait for shows up here.'],
      },
    },
    {
      key: 'locked',
      title: ['有锁定', 'Locked'],
      empty: {
        title: ['没有锁定的库存', 'Nothing is locked'],
        remedy: ['用锁定单为大促留货。', 'Locks keep goods for promotions.'],
      },
    },
  ],
  columns,
  sort: '',
  actions: [],
  nameOf: (row) => row.code,
}

/** 库存: each SKU in each warehouse. */
export default function StockPage() {
  const warehouse = useWarehouseField()
  const config = useMemo<ListConfig<StockRow>>(
    () => ({
      ...base,
      fields: [
        {
          key: 'q',
          label: ['搜索', 'Search'],
          kind: 'text',
          hint: ['商家编码开头或商品名', "The code's beginning or the name"],
        },
        warehouse,
      ],
    }),
    [warehouse],
  )
  return (
    <ListPage config={config}>
      {({ rows, step, close }) => <Soon part={stockDrawer} props={{ rows, step, onClose: close }} />}
    </ListPage>
  )
}
