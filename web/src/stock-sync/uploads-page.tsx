import { lazy, Suspense, useState } from 'react'
import { stockSyncList } from '../../../server/stock-sync/lists-contract.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { Soon, soon } from '../ui/base/soon.tsx'
import { scopeSetting } from '../ui/base/store.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { type LocalizedPair, useSay } from '../words.ts'
import type { UploadRow } from './types.ts'
import { uploadActions, uploadCells, uploadStateOf } from './uploads.tsx'

const ShopDialog = lazy(() => import('./shop-dialog-page.tsx'))
const uploadDrawer = soon(() => import('./upload-drawer-page.tsx'))

const config = listOf<UploadRow>(stockSyncList, {
  cells: uploadCells,
  views: [{ name: ['平台应为 0', 'none to sell'], search: { zero: 'true' } }],
  actions: [uploadActions.resync, uploadActions.rule, uploadActions.pause, uploadActions.resume],
  nameOf: (row) => row.title,
})

const shopWords: LocalizedPair = ['店铺设置', 'Shop settings']

/** 库存同步: the quantity that each listing may sell, and the quantity that the platform has. */
export default function UploadsPage() {
  const say = useSay()
  const [search] = useUrlState()
  const scope = scopeSetting.use()
  const [setting, setSetting] = useState(false)
  const one = (search['shop'] ?? scope).split(',')[0]
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs acts={[{ name: 'shop', words: shopWords, letter: 'S', run: () => setSetting(true) }]} />
        }
        outcomeTitle={['状态', 'Status']}
        outcomeWidth={['minmax(196px,210fr)', 'minmax(150px,160fr)']}
        outcome={(row) => uploadStateOf(row, say)}
      >
        {({ rows, step, close }) => {
          const row = rows.find(({ id }) => id === search['open'])
          return row && <Soon part={uploadDrawer} props={{ row, rows, step, onClose: close }} />
        }}
      </ListPage>
      <Suspense>
        {setting && <ShopDialog shop={one === '' ? undefined : one} onClose={() => setSetting(false)} />}
      </Suspense>
    </>
  )
}
