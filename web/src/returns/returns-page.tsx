import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { returnList } from '../../../server/returns/lists-contract.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import ReturnDrawer from './return-drawer-page.tsx'
import { returnActions, returnCells, standingOf } from './returns.tsx'
import type { ReturnRow } from './types.ts'

const ReturnDialog = lazy(() => import('./return-dialog-page.tsx'))

const config = listOf<ReturnRow>(returnList, {
  cells: returnCells,
  views: [
    { name: ['已寄回', 'on their way'], search: { tab: 'confirmed', waybill: 'yes' } },
    { name: ['回写失败', 'write-back failed'], search: { tab: 'all', told: 'failed' } },
  ],
  actions: Object.values(returnActions),
  nameOf: (row) => row.no,
  sumOf: (row) => ({ fen: row.amountFen, pieces: row.quantity }),
})

export default function ReturnsPage() {
  const say = useSay()
  const navigate = useNavigate()
  const allowed = useAllowed()
  const [making, setMaking] = useState(false)
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[
              {
                name: 'receive',
                words: ['退货收货', 'Receive'],
                letter: 'R',
                primary: true,
                why: allowed('returns.receive'),
                run: () => void navigate({ to: '/receive-returns' }),
              },
              {
                name: 'add',
                words: ['新建退货单', 'New return'],
                letter: 'N',
                why: allowed('returns.write'),
                run: () => setMaking(true),
              },
            ]}
          />
        }
        outcomeWidth={['minmax(180px,206fr)', 'minmax(150px,160fr)']}
        outcomeTitle={['情况', 'State']}
        outcome={(row) => standingOf(row, say)}
      >
        {({ rows, step, close }) => <ReturnDrawer rows={rows} step={step} onClose={close} />}
      </ListPage>
      <Suspense>{making && <ReturnDialog onClose={() => setMaking(false)} />}</Suspense>
    </>
  )
}
