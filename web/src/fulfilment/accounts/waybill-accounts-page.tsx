import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { trackWayWords } from '../../../../server/fulfilment/waybills/track-ways-contract.ts'
import { PageActs } from '../../ui/act/acts.tsx'
import { Button } from '../../ui/base/button.tsx'
import { Empty, LoadError } from '../../ui/base/empty.tsx'
import { useAllowed, useShops, warehousesQuery } from '../../ui/base/session.ts'
import { Status } from '../../ui/base/status.tsx'
import { shared } from '../../ui/base/words.ts'
import { PageHead } from '../../ui/list/tabs.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { accountsQuery } from '../papers/paper-queries.ts'
import { useCourierName } from '../query.ts'
import type { WaybillAccount } from '../types.ts'
import { TrackDialog } from './track-dialog.tsx'
import { WaybillAccountDialog } from './waybill-account-dialog.tsx'

const addWords: LocalizedPair = ['新增账号…', 'Add an account…']

/** 电子面单账号: the accounts from which waybill numbers are taken, each with its balance and sender. */
export default function WaybillAccountsPage() {
  const say = useSay()
  const why = useAllowed()('shops.write')
  const [dialog, setDialog] = useState<WaybillAccount | 'new'>()
  const [tracked, setTracked] = useState<WaybillAccount>()
  const found = useQuery(accountsQuery)
  const rows = found.data?.rows
  return (
    <div className="page">
      <PageHead title={say(['电子面单', 'Waybill accounts'])}>
        <PageActs
          acts={[
            { name: 'add', words: addWords, letter: 'N', primary: true, why, run: () => setDialog('new') },
          ]}
        />
      </PageHead>
      <div className="scroll body">
        {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
        {rows?.length === 0 && (
          <Empty
            title={say(['还没有电子面单账号', 'No waybill accounts yet'])}
            remedy={say([
              '按 N 从店铺开通的快递里加一个，就能在发货里取号。',
              'Press N and choose one of the couriers that the shop has subscribed to; then numbers can be taken under Shipping.',
            ])}
          />
        )}
        {rows && rows.length > 0 && (
          <Accounts rows={rows} why={why} onOpen={setDialog} onTrack={setTracked} />
        )}
        {found.data?.refused.map(({ code, message, count }) => (
          <p className="t2" key={code}>
            {say(['{n} 单待取号，取不到：{why}', 'Waiting and without an account: {n}. {why}'], {
              n: count.toLocaleString('en'),
              why: say(message),
            })}
          </p>
        ))}
      </div>
      {tracked && <TrackDialog account={tracked} onClose={() => setTracked(undefined)} />}
      {dialog && (
        <WaybillAccountDialog
          key={dialog === 'new' ? 'new' : dialog.id}
          account={dialog === 'new' ? undefined : dialog}
          onClose={() => setDialog(undefined)}
        />
      )}
    </div>
  )
}

function Accounts(props: {
  rows: readonly WaybillAccount[]
  why: string | undefined
  onOpen: (row: WaybillAccount) => void
  onTrack: (row: WaybillAccount) => void
}) {
  const say = useSay()
  const name = useCourierName()
  const shops = useShops()
  const warehouses = useQuery(warehousesQuery).data?.rows ?? []
  return (
    <div className="panel">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['快递', 'Courier'])}</th>
            <th style={{ minWidth: '8em' }}>{say(['店铺', 'Shop'])}</th>
            <th>{say(['网点', 'Branch'])}</th>
            <th>{say(['发件人', 'Sender'])}</th>
            <th>{say(['面单', 'Label'])}</th>
            <th>{say(['仓库', 'Warehouse'])}</th>
            <th>{say(['物流跟踪', 'Tracking'])}</th>
            <th className="right">{say(['余额', 'Left'])}</th>
            <th className="right">{say(['今日取号', 'Taken today'])}</th>
            <th className="right">{say(['待取号', 'Waiting'])}</th>
            <th>{say(shared.status)}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={row.id}>
              <td>
                <div className="medium">{name(row.courier)}</div>
                <div className="t3 small">{say(row.sourceName)}</div>
              </td>
              <td>{shops.find(({ id }) => id === row.shopId)?.name ?? row.shopId}</td>
              <td>{row.branchName || row.branchCode}</td>
              <td>{row.senderMasked}</td>
              <td>{row.templateUrl === '' ? say(['自己排版', 'Laid out here']) : row.templateName}</td>
              <td>
                {row.warehouseId === null
                  ? say(['所有仓库', 'All'])
                  : (warehouses.find(({ id }) => id === row.warehouseId)?.name ?? row.warehouseId)}
              </td>
              <td>
                {row.track ? (
                  <Button size="small" kind="quiet" why={props.why} onClick={() => props.onTrack(row)}>
                    {say(trackWayWords[row.track])}…
                  </Button>
                ) : (
                  <span className="t3">–</span>
                )}
              </td>
              <td className="right num">
                {row.balance === null ? <span className="t3">–</span> : row.balance.toLocaleString('en')}
              </td>
              <td className="right num">{row.takenToday.toLocaleString('en')}</td>
              <td className="right num">{row.waiting.toLocaleString('en')}</td>
              <td>
                <Status tone={row.enabled ? 'ok' : 'void'}>
                  {say(row.enabled ? ['在用', 'In use'] : ['已停用', 'Retired'])}
                </Status>
              </td>
              <td className="right">
                <Button size="small" why={props.why} onClick={() => props.onOpen(row)}>
                  {say(['修改…', 'Change…'])}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
