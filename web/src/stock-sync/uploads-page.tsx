import { lazy, Suspense, useState } from 'react'
import { PageActs } from '../ui/act/acts.tsx'
import { Soon, soon } from '../ui/base/soon.tsx'
import { scopeSetting } from '../ui/base/store.ts'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { type LocalizedPair, useSay } from '../words.ts'
import type { UploadRow } from './types.ts'
import { standingOf, uploadActions, uploadColumns, uploadFields } from './uploads.tsx'

const ShopDialog = lazy(() => import('./shop-dialog-page.tsx'))
const uploadDrawer = soon(() => import('./upload-drawer-page.tsx'))

const config: ListConfig<UploadRow> = {
  name: 'stock-uploads',
  path: '/stock-uploads',
  title: ['库存同步', 'Stock upload'],
  tabs: [
    {
      key: 'all',
      title: ['全部', 'All'],
      empty: {
        title: ['还没有要同步的平台商品', 'There is nothing to tell yet'],
        remedy: [
          '匹配了 SKU 的平台商品几分钟内出现在这里；按 S 按店铺开启。',
          'Listings that are matched appear here within minutes; press S to switch a shop on.',
        ],
      },
    },
    {
      key: 'failed',
      title: ['失败', 'Failed'],
      empty: {
        title: ['没有失败的', 'Nothing has failed'],
        remedy: ['推不成的会留在这里，写明原因。', 'What could not be told stays here with its reason.'],
      },
    },
    { key: 'waiting', title: ['待同步', 'Waiting'] },
    { key: 'synced', title: ['已同步', 'Up to date'] },
    { key: 'paused', title: ['停用', 'Off'] },
  ],
  fields: uploadFields,
  views: [{ name: ['平台应为 0', 'none to sell'], search: { zero: 'true' } }],
  columns: uploadColumns,
  sort: '-createdAt',
  actions: [uploadActions.resync, uploadActions.rule, uploadActions.pause, uploadActions.resume],
  nameOf: (row) => row.title,
  exports: true,
}

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
        outcome={(row) => standingOf(row, say)}
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
