import { lazy, Suspense, useMemo, useState } from 'react'
import { pair } from '../../../server/core/verbs-contract.ts'
import { documentKinds, documentStatusWords, kindWords } from '../../../server/inventory/lifecycle.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Soon, soon } from '../ui/base/soon.tsx'
import { shared } from '../ui/base/words.ts'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import type { LocalizedPair } from '../words.ts'
import { DocumentState, documentActions, documentColumns } from './documents.tsx'
import { useWarehouseField } from './query.ts'
import type { DocumentRow } from './types.ts'

const DocumentDialog = lazy(() => import('./document-dialog-page.tsx'))
const documentDrawer = soon(() => import('./document-drawer-page.tsx'))

const base: Omit<ListConfig<DocumentRow>, 'fields'> = {
  name: 'stock-documents',
  path: '/stock-documents',
  title: ['库存单据', 'Stock documents'],
  tabKey: 'status',
  tabs: [
    {
      key: 'draft',
      title: pair(documentStatusWords.draft),
      empty: {
        title: ['没有待审核的单据', 'No drafts'],
        remedy: [
          '按 N 新建调整、调拨、盘点或锁定单。',
          'Press N for an adjustment, a transfer, a count or a lock.',
        ],
      },
    },
    {
      key: 'approved',
      title: pair(documentStatusWords.approved),
      empty: {
        title: ['没有待过账的单据', 'Nothing to post'],
        remedy: ['审核过的单据会在这里等过账。', 'Approved documents wait here.'],
      },
    },
    {
      key: 'sent',
      title: pair(documentStatusWords.sent),
      empty: {
        title: ['没有在途的调拨', 'Nothing is on its way'],
        remedy: ['发出还没收到的调拨单会在这里。', 'Transfers that were sent and not received show up here.'],
      },
    },
    { key: 'posted', title: pair(documentStatusWords.posted) },
    { key: 'voided', title: pair(documentStatusWords.voided) },
  ],
  columns: documentColumns,
  sort: '',
  actions: [
    documentActions.approve,
    documentActions.post,
    documentActions.receive,
    documentActions.release,
    documentActions.void,
  ],
  nameOf: (row) => row.no,
}

const addWords: LocalizedPair = ['新建单据…', 'New document…']

export default function DocumentsPage() {
  const warehouse = useWarehouseField()
  const why = useAllowed()('inventory.write')
  const [adding, setAdding] = useState(false)
  const config = useMemo<ListConfig<DocumentRow>>(
    () => ({
      ...base,
      fields: [
        { key: 'q', label: ['单号', 'No.'], kind: 'text' },
        {
          key: 'kind',
          label: ['类型', 'Type'],
          kind: 'options',
          options: documentKinds.map((kind) => ({ value: kind, label: kindWords[kind] })),
        },
        warehouse,
      ],
    }),
    [warehouse],
  )
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[
              {
                name: 'add',
                words: addWords,
                letter: 'N',
                primary: true,
                why,
                run: () => setAdding(true),
              },
            ]}
          />
        }
        outcomeTitle={shared.status}
        outcome={(row) => ({
          first: <DocumentState document={row} />,
          second: row.voidedBy ?? row.postedBy ?? row.sentBy ?? row.approvedBy ?? '',
        })}
      >
        {({ rows, step, close }) => <Soon part={documentDrawer} props={{ rows, step, onClose: close }} />}
      </ListPage>
      <Suspense>{adding && <DocumentDialog onClose={() => setAdding(false)} />}</Suspense>
    </>
  )
}
