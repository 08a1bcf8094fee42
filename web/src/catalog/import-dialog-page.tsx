import { count } from '../ui/base/figures.tsx'
import { SheetDialog } from '../ui/form/sheet-dialog.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import './catalog.css'

type Kind = 'skus' | 'listings'

const titles: Record<Kind, LocalizedPair> = {
  skus: ['导入商品', 'Import products'],
  listings: ['导入匹配', 'Import matches'],
}
const hints: Record<Kind, LocalizedPair> = {
  skus: [
    '一行一个 SKU，按商家编码认：没有的新增，已有的更新，空格子不改。最多 5,000 行、5 MB。',
    'One SKU a row, known by its code: new ones are added, known ones updated; empty cells change nothing. At most 5,000 rows, 5 MB.',
  ],
  listings: [
    '一行一个平台商品：店铺名称、平台商品 ID、平台规格 ID、商家编码。最多 5,000 行、5 MB。',
    'One listing a row: shop, item id, platform SKU id, and the code of the SKU. At most 5,000 rows, 5 MB.',
  ],
}
const heads: Record<Kind, string> = {
  skus: '商家编码*,商品名称,商品编码,规格,条码,分类,品牌,重量g,售价,最低价,图片',
  listings: '店铺*,平台商品ID*,平台规格ID,商家编码*',
}

/** Imports products with their SKUs, or matches of listings. */
export default function ImportDialog({ kind, onClose }: { kind: Kind; onClose: () => void }) {
  const say = useSay()
  return (
    <SheetDialog
      title={titles[kind]}
      hint={hints[kind]}
      path={kind === 'skus' ? '/skus/import' : '/listings/import'}
      template={{ name: `${kind}.csv`, heads: heads[kind] }}
      outcome={({ rows, created, updated }) => {
        const bad = rows - created - updated
        return {
          whole: bad <= 0,
          text: say(
            [
              '{rows} 行：新增 {created}，更新 {updated}，失败 {bad}',
              '{rows} rows: {created} new, {updated} updated, {bad} refused',
            ],
            { rows: count(rows), created: count(created), updated: count(updated), bad: count(bad) },
          ),
        }
      }}
      onClose={onClose}
    />
  )
}
