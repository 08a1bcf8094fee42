import { lazy, Suspense, useEffect, useState } from 'react'
import { useActions } from '../ui/act/actions.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { type LocalizedPair, useSay } from '../words.ts'
import { listingActions, listingColumns, listingFields, matchOf } from './listings.tsx'
import { MatchDialog } from './match-dialog.tsx'
import type { ListingRow } from './types.ts'

const ImportDialog = lazy(() => import('./import-dialog-page.tsx'))

const config: ListConfig<ListingRow> = {
  name: 'listings',
  path: '/listings',
  title: ['平台商品', 'Listings'],
  tabs: [
    {
      key: 'unmatched',
      title: ['未匹配', 'Unmatched'],
      empty: {
        title: ['都匹配了', 'Everything is matched'],
        remedy: [
          '店铺里的商品每小时下载一次，编码对得上的自动匹配。',
          'Shops are read every hour; goods whose outer code is known are matched automatically.',
        ],
      },
    },
    {
      key: 'matched',
      title: ['已匹配', 'Matched'],
      empty: {
        title: ['还没有匹配的平台商品', 'Nothing is matched yet'],
        remedy: ['在未匹配里按 M。', 'Press M under Unmatched.'],
      },
    },
    { key: 'all', title: ['全部', 'All'] },
  ],
  fields: listingFields,
  views: [{ name: ['出售中', 'on sale'], search: { status: 'on_sale' } }],
  columns: listingColumns,
  sort: '-createdAt',
  actions: [listingActions.match, listingActions.again, listingActions.unmatch],
  nameOf: (row) => row.title,
}

const importWords: LocalizedPair = ['导入匹配', 'Import matches']

/** 平台商品: what the shops show, and which of our SKUs each of them is. */
export default function ListingsPage() {
  const say = useSay()
  const allowed = useAllowed()
  const [search] = useUrlState()
  const [importing, setImporting] = useState(false)
  const why = allowed('catalog.write')
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[{ name: 'import', words: importWords, letter: 'I', why, run: () => setImporting(true) }]}
          />
        }
        outcomeTitle={['匹配的 SKU', 'Matched SKU']}
        outcomeWidth={['minmax(196px,200fr)', 'minmax(180px,184fr)']}
        outcome={(row) => matchOf(row, say)}
      >
        {({ rows, close }) => (
          <OpenedMatch row={rows.find((row) => row.id === search['open'])} onClose={close} />
        )}
      </ListPage>
      <Suspense>{importing && <ImportDialog kind="listings" onClose={() => setImporting(false)} />}</Suspense>
    </>
  )
}

/** Enter on a row asks for its SKU. */
function OpenedMatch({ row, onClose }: { row: ListingRow | undefined; onClose: () => void }) {
  const actions = useActions<ListingRow>(() => undefined)
  const submit = (input: { skuId: string }) => {
    if (!row) return
    const target = { ids: [row.id] }
    void actions.run({ action: listingActions.match, rows: [row], target, count: 1 }, input)
  }
  // Closed once it was done and told, which the dialogs below do first; a refusal leaves what was chosen.
  const { results } = actions
  // biome-ignore lint/correctness/useExhaustiveDependencies: one answer, one closing
  useEffect(() => {
    if (results) onClose()
  }, [results])
  return (
    <>
      {row && results === undefined && (
        <MatchDialog rows={[row]} count={1} onSubmit={submit} onClose={onClose} />
      )}
      <ListDialogs actions={actions} batch={undefined} rows={row ? [row] : []} nameOf={config.nameOf} />
    </>
  )
}
