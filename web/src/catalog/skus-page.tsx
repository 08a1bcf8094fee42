import { lazy, Suspense, useState } from 'react'
import { skuList } from '../../../server/catalog/lists-contract.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Soon, soon } from '../ui/base/soon.tsx'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import type { LocalizedPair } from '../words.ts'
import { SkuState, skuActions, skuCells } from './skus.tsx'
import type { SkuRow } from './types.ts'

const skuDrawer = soon(() => import('./sku-drawer-page.tsx'))
const SkuDialog = lazy(() => import('./sku-dialog-page.tsx'))
const ImportDialog = lazy(() => import('./import-dialog-page.tsx'))

const config = listOf<SkuRow>(skuList, {
  cells: skuCells,
  views: [{ name: ['没有平台商品', 'without listings'], search: { listed: 'false' } }],
  actions: [skuActions.labels, skuActions.retire, skuActions.revive],
  nameOf: (row) => row.code,
})

const words = {
  add: ['新增', 'Add'],
  import: ['导入', 'Import'],
} as const satisfies Record<string, LocalizedPair>

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
