import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  type TrackWay,
  trackWays,
  trackWayWords,
} from '../../../../server/fulfilment/waybills/track-ways-contract.ts'
import { errorText, post } from '../../api.ts'
import { Button, Segments } from '../../ui/base/button.tsx'
import { Note } from '../../ui/base/empty.tsx'
import { shared } from '../../ui/base/words.ts'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { WaybillAccount } from '../types.ts'

const about: Record<TrackWay, LocalizedPair> = {
  none: [
    '只看平台给的物流。平台查不到的包裹没有物流，也不会提醒。',
    'Only what platforms show. Parcels that no platform shows have no state and raise no alarm.',
  ],
  query: [
    '每 4 到 8 小时查一次，直到签收。每查一次算一次。',
    'Asked for every four to eight hours until signed for. Each question counts.',
  ],
  subscribe: [
    '每个运单号订阅一次，有新轨迹会推送过来。这台机器要有外网地址（PUBLIC_URL）。',
    'Each waybill is subscribed to once, and news of it is sent here. This machine needs a public address (PUBLIC_URL).',
  ],
}

/** Sets how an account follows parcels that no platform follows. */
export function TrackDialog({ account, onClose }: { account: WaybillAccount; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const [track, setTrack] = useState<TrackWay>(account.track ?? 'none')
  const save = useMutation({
    mutationFn: () => post('/waybill-accounts/:id/tracking', { track }, { id: account.id }),
    onSuccess: () => {
      onClose()
      return queries.invalidateQueries({ queryKey: ['waybill-accounts'] })
    },
  })
  const title = say(['物流跟踪', 'Tracking of parcels'])
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(shared.cancel)}</Button>
          <Button kind="primary" busy={save.isPending} onClick={() => save.mutate()}>
            {say(shared.save)}
          </Button>
        </>
      }
    >
      <p className="t2">
        {say([
          '平台查不到的包裹由快递100 跟踪：自建单、导入单，平台不给轨迹的单。按你在快递100 买的套餐收费。',
          '快递100 follows the parcels that no platform shows: own and imported orders, and orders whose platform gives no scans. It charges what you have agreed with it.',
        ])}
      </p>
      <Segments
        label={title}
        value={track}
        options={trackWays.map((value) => ({ value, label: say(trackWayWords[value]) }))}
        onChange={setTrack}
      />
      <p className="t2 small">{say(about[track])}</p>
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
    </Dialog>
  )
}
