import { lazy, Suspense } from 'react'
import { skuVerbs } from '../../../server/catalog/verbs-contract.ts'
import { goodsLabelData } from '../fulfilment/papers/layout/tag-data.ts'
import { Thumb, Two } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { CutText, count } from '../ui/base/figures.tsx'
import { Status } from '../ui/base/status.tsx'
import { type Say, useSay } from '../words.ts'
import type { SkuRow } from './types.ts'

export const skuCells = {
  goods: (row: SkuRow, compact: boolean) => <SkuCell sku={row} compact={compact} />,
  category: (row: SkuRow, compact: boolean) =>
    compact || row.brand === '' ? (
      <div className="cut">{row.category || row.brand}</div>
    ) : (
      <Two first={row.category} second={row.brand} />
    ),
  barcodes: (row: SkuRow) => <Barcodes codes={row.barcodes} />,
  listings: (row: SkuRow) =>
    row.listingCount === 0 ? <span className="t3">0</span> : count(row.listingCount),
}

type Shown = Pick<SkuRow, 'name' | 'spec' | 'pictureUrl'> & {
  listingPictureUrl?: string
  isBundle?: boolean
  partCount?: number
}

/** Picture and name of the SKU, and the spec that distinguishes it from other SKUs of its product. */
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
        <CutText text={sku.name} />
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

const TagsDialog = lazy(() => import('../fulfilment/papers/tags-dialog-page.tsx'))

const labels: RowAction<SkuRow> = {
  name: '/goods-labels',
  path: '/print-jobs',
  words: ['打印标签', 'Print labels'],
  letter: 'L',
  permission: 'catalog.read',
  done: ['{n} 个标签已打印', '{n} labels were printed'],
  // The dialog prints by itself, and sends nothing to the server.
  input: ({ rows, onClose }) => (
    <Suspense>
      <TagsDialog
        kind="goods_label"
        tags={rows.map(({ barcodes: [barcode = ''], ...row }) => goodsLabelData({ ...row, barcode }))}
        onClose={onClose}
      />
    </Suspense>
  ),
}

export const skuActions = {
  labels,
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
