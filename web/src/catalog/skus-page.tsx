import { lazy, Suspense, useState } from 'react'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Soon, soon } from '../ui/base/soon.tsx'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import type { LocalizedPair } from '../words.ts'
import { SkuState, skuActions, skuColumns, skuFields } from './skus.tsx'
import type { SkuRow } from './types.ts'

const skuDrawer = soon(() => import('./sku-drawer-page.tsx'))
const SkuDialog = lazy(() => import('./sku-dialog-page.tsx'))
const ImportDialog = lazy(() => import('./import-dialog-page.tsx'))

const config: ListConfig<SkuRow> = {
  name: 'skus',
  path: '/skus',
  title: ['商品', 'Products'],
  tabs: [
    {
      key: 'active',
      title: ['在用', 'In use'],
      empty: {
        title: ['还没有商品', 'No products yet'],
        remedy: [
          '按 N 新增，或按 I 用表格导入。平台商品按商家编码自动匹配。',
          'Press N to add one or I to import a sheet. Listings are matched by their outer codes.',
        ],
      },
    },
    {
      key: 'bundle',
      title: ['套餐', 'Bundles'],
      empty: {
        title: ['没有套餐', 'No bundles'],
        remedy: [
          '打开一个 SKU，按 B 写明它由什么组成。',
          'Open a SKU and press B to say what it is made of.',
        ],
      },
    },
    {
      key: 'retired',
      title: ['停用', 'Retired'],
      empty: {
        title: ['没有停用的 SKU', 'Nothing is retired'],
        remedy: ['停用的 SKU 可在这里恢复。', 'Retired SKUs are brought back here.'],
      },
    },
    { key: 'all', title: ['全部', 'All'] },
  ],
  fields: skuFields,
  views: [{ name: ['没有平台商品', 'without listings'], search: { listed: 'false' } }],
  columns: skuColumns,
  sort: '-createdAt',
  actions: [skuActions.retire, skuActions.revive],
  nameOf: (row) => row.code,
}

const words = {
  add: ['新增', 'Add'],
  import: ['导入', 'Import'],
} as const satisfies Record<string, LocalizedPair>

/** 商品: what the house sells, one row for each SKU. */
export default function SkusPage() {
  const allowed = useAllowed()
  const [search] = useUrlState()
  const [dialog, setDialog] = useState<'add' | 'import'>()
  const why = allowed('catalog.write')
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[
              { name: 'import', words: words.import, letter: 'I', why, run: () => setDialog('import') },
              {
                name: 'add',
                words: words.add,
                letter: 'N',
                primary: true,
                why,
                run: () => setDialog('add'),
              },
            ]}
          />
        }
        outcomeTitle={['状态', 'Status']}
        outcomeWidth={['112px', '100px']}
        outcome={(row) => ({ first: <SkuState active={row.active} /> })}
      >
        {({ rows, step, close }) => (
          <Soon part={skuDrawer} props={{ id: search['open'] ?? '', rows, step, onClose: close }} />
        )}
      </ListPage>
      <Suspense>
        {dialog === 'add' && <SkuDialog onClose={() => setDialog(undefined)} />}
        {dialog === 'import' && <ImportDialog kind="skus" onClose={() => setDialog(undefined)} />}
      </Suspense>
    </>
  )
}
