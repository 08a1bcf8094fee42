import { skuVerbs } from '../../../server/catalog/verbs-contract.ts'
import { Thumb, Two } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { count, Money, Time } from '../ui/base/figures.tsx'
import { Status } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import type { Field } from '../ui/list/filters.ts'
import { type Say, useSay } from '../words.ts'
import type { SkuRow } from './types.ts'

const yesNo = [
  { value: 'true', label: shared.yes },
  { value: 'false', label: shared.no },
] as const

export const skuFields: readonly Field[] = [
  {
    key: 'q',
    label: ['搜索', 'Search'],
    kind: 'text',
    hint: ['商家编码、名称、规格、条码', 'Code, name, spec or barcode'],
  },
  { key: 'category', label: ['分类', 'Category'], kind: 'text' },
  { key: 'brand', label: ['品牌', 'Brand'], kind: 'text' },
  {
    key: 'bundle',
    label: ['套餐', 'Bundle'],
    kind: 'options',
    options: [
      { value: 'true', label: ['套餐', 'Bundles'] },
      { value: 'false', label: ['单品', 'Single SKUs'] },
    ],
  },
  { key: 'listed', label: ['平台商品', 'Listings'], kind: 'options', options: yesNo },
  { key: 'productId', label: ['指定的商品', 'Given product'], kind: 'text', linked: true },
  { key: 'ids', label: ['指定的 SKU', 'Given SKUs'], kind: 'numbers' },
]

/** Money that may not have been said. */
function Price({ fen }: { fen: number | null }) {
  return fen === null ? <span className="t3">–</span> : <Money fen={fen} />
}

export const skuColumns: readonly Column<SkuRow>[] = [
  {
    key: 'goods',
    title: ['商品 / 规格', 'Goods / spec'],
    width: 'minmax(220px,300fr)',
    fixed: true,
    cell: (row, compact) => <SkuCell sku={row} compact={compact} />,
  },
  {
    key: 'code',
    title: ['商家编码', 'Code'],
    width: 'minmax(110px,140fr)',
    fixed: true,
    sort: 'code',
    cell: (row) => (
      <div className="cut" title={row.code}>
        {row.code}
      </div>
    ),
  },
  {
    key: 'category',
    title: ['分类 / 品牌', 'Category'],
    width: 'minmax(90px,110fr)',
    cell: (row, compact) =>
      compact || row.brand === '' ? (
        <div className="cut">{row.category || row.brand}</div>
      ) : (
        <Two first={row.category} second={row.brand} />
      ),
  },
  {
    key: 'barcodes',
    title: ['条码', 'Barcodes'],
    width: 'minmax(124px,132fr)',
    cell: (row) => <Barcodes codes={row.barcodes} />,
  },
  {
    key: 'weight',
    title: ['重量 g', 'Weight g'],
    width: '86px',
    align: 'right',
    cell: (row) => (row.weightG === null ? <span className="t3">–</span> : count(row.weightG)),
  },
  {
    key: 'price',
    title: ['售价 ¥', 'Price ¥'],
    width: '88px',
    align: 'right',
    cell: (row) => <Price fen={row.priceFen} />,
  },
  {
    key: 'reference',
    title: ['最低价 ¥', 'Lowest ¥'],
    width: '88px',
    align: 'right',
    cell: (row) => <Price fen={row.referenceFen} />,
  },
  {
    key: 'listings',
    title: ['平台商品', 'Listings'],
    width: '82px',
    align: 'right',
    cell: (row) => (row.listingCount === 0 ? <span className="t3">0</span> : count(row.listingCount)),
  },
  {
    key: 'updatedAt',
    title: ['修改时间', 'Changed at'],
    width: '108px',
    align: 'right',
    sort: 'updatedAt',
    cell: (row) => (
      <span className="t2">
        <Time at={row.updatedAt} />
      </span>
    ),
  },
]

type Shown = Pick<SkuRow, 'name' | 'spec' | 'pictureUrl'> & {
  listingPictureUrl?: string
  isBundle?: boolean
  partCount?: number
}

/** Picture, name, and what tells it from its siblings. */
export function SkuCell({ sku, compact = false }: { sku: Shown; compact?: boolean }) {
  const say = useSay()
  const parts = sku.isBundle && say(['套餐 {n} 种', 'Bundle of {n}'], { n: sku.partCount ?? 0 })
  const second = [parts, sku.spec].filter(Boolean).join(' · ')
  const picture = sku.pictureUrl || (sku.listingPictureUrl ?? '')
  if (compact) {
    return (
      <div className="goods">
        <Thumb url={picture} title={sku.name} />
        <span className="cut" title={`${sku.name} ${sku.spec}`}>
          {sku.name} <span className="t2">{second}</span>
        </span>
      </div>
    )
  }
  return (
    <div className="goods">
      <Thumb url={picture} title={sku.name} />
      <div className="two grow">
        <div className="cut" title={sku.name}>
          {sku.name}
        </div>
        <div className="cut" title={second}>
          {second || <span className="t3">{say(['无规格', 'No spec'])}</span>}
        </div>
      </div>
    </div>
  )
}

function Barcodes({ codes }: { codes: readonly string[] }) {
  const [first, ...more] = codes
  if (first === undefined) return <span className="t3">–</span>
  return (
    <div className="row" style={{ gap: 6 }} title={codes.join(' ')}>
      <span className="cut num">{first}</span>
      {more.length > 0 && <span className="t3 small">{`+${more.length}`}</span>}
    </div>
  )
}

export function SkuState({ active }: { active: boolean }) {
  const say = useSay()
  return active ? (
    <Status tone="ok">{say(['在用', 'In use'])}</Status>
  ) : (
    <Status tone="void">{say(['停用', 'Retired'])}</Status>
  )
}

const act = actionsOn<SkuRow>()

export const skuActions = {
  retire: act(skuVerbs.retire, {
    letter: 'V',
    danger: true,
    confirm: [
      '停用 {n} 个 SKU。已有的匹配不变，新的平台商品不再自动匹配到它们。',
      'Retire {n}. Matches stay; new listings no longer find them by code.',
    ],
    tabs: ['active', 'bundle', 'all'],
    why: (row: SkuRow, say: Say) => (row.active ? undefined : say(['已停用', 'Retired already'])),
  }),
  revive: act(skuVerbs.revive, {
    letter: 'R',
    tabs: ['retired', 'all'],
    why: (row: SkuRow, say: Say) => (row.active ? say(['在用', 'In use already']) : undefined),
  }),
} satisfies Record<string, RowAction<SkuRow>>
