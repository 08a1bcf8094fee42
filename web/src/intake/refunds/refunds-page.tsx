import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { get } from '../../api.ts'
import { PageActs } from '../../ui/act/acts.tsx'
import { OwnWholeActs } from '../../ui/act/whole-acts.tsx'
import { Segments } from '../../ui/base/button.tsx'
import { every } from '../../ui/base/every.ts'
import { useKeys } from '../../ui/base/keys.ts'
import { useAllowed } from '../../ui/base/session.ts'
import { scopeSetting } from '../../ui/base/store.ts'
import { toQuery } from '../../ui/list/filters.ts'
import { ListPage } from '../../ui/list/list-page.tsx'
import { PlatformTabs } from '../../ui/list/platform-tabs.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import { PageHead, Tabs } from '../../ui/list/tabs.tsx'
import { useSay } from '../../words.ts'
import { RefundDecisions } from './refund-decisions.tsx'
import { convertAll, refundConfig, refundOutcome } from './refunds.tsx'

const DownloadDialog = lazy(() => import('../download-dialog-page.tsx'))

/** 待转入退单: one refund at a time with the effects of each action, or a list for bulk actions. */
export default function RefundsPage() {
  const say = useSay()
  const allowed = useAllowed()
  const [search, setSearch] = useUrlState()
  const [downloading, setDownloading] = useState(false)
  const tab = search['tab'] ?? 'open'
  const scope = scopeSetting.use()
  const asList = search['as'] === 'list' || (tab === 'processed' && search['as'] !== 'one')
  const filter = { ...(scope === '' ? {} : { shop: scope }), ...toQuery(refundConfig.fields, search) }
  const counts = useQuery({
    queryKey: ['/staged-refunds', 'counts', filter],
    queryFn: () => get('/staged-refunds/counts', filter),
    refetchInterval: every(10_000),
  })
  useKeys([
    {
      key: 'l',
      words: ['逐笔 / 列表', 'one by one / list'],
      run: () => setSearch({ as: asList ? 'one' : 'list', open: '' }),
    },
  ])
  const head = (
    <>
      <Segments
        label={say(['看法', 'Show as'])}
        value={asList ? 'list' : 'one'}
        options={[
          { value: 'one', label: say(['逐笔', 'One by one']) },
          { value: 'list', label: say(['列表', 'List']) },
        ]}
        onChange={(as) => setSearch({ as, open: '' })}
      />
      <PageActs
        acts={[
          {
            name: 'download',
            words: ['下载退单', 'Download'],
            letter: 'D',
            why: allowed('trades.download'),
            run: () => setDownloading(true),
          },
        ]}
      />
    </>
  )
  return (
    <>
      {asList ? (
        <ListPage
          config={refundConfig}
          head={head}
          outcomeTitle={['情况', 'State']}
          outcomeWidth={['minmax(156px,190fr)', 'minmax(140px,160fr)']}
          outcome={(row) => refundOutcome(row, say)}
        >
          {() => <OpenOne onOpen={() => setSearch({ as: 'one' })} />}
        </ListPage>
      ) : (
        <div className="page">
          <PageHead
            title={say(refundConfig.title)}
            tabs={
              <Tabs
                label={say(refundConfig.title)}
                tabs={refundConfig.tabs}
                value={tab}
                counts={counts.data?.tabs}
                onChange={(key) => setSearch({ tab: key, open: '' })}
              />
            }
          >
            {head}
            <OwnWholeActs path="/staged-refunds" acts={convertAll} tab={tab} filter={{ ...filter, tab }} />
          </PageHead>
          <PlatformTabs fields={refundConfig.fields} />
          <RefundDecisions tab={tab} counts={counts.data?.tabs} />
        </div>
      )}
      <Suspense>
        {downloading && <DownloadDialog kind="refund" onClose={() => setDownloading(false)} />}
      </Suspense>
    </>
  )
}

/** Is drawn when a row of the list is opened: it switches to the view of one refund (逐笔). */
function OpenOne({ onOpen }: { onOpen: () => void }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: it opens once, whatever its parent draws later
  useEffect(onOpen, [])
  return null
}
