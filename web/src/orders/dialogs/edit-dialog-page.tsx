import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { reviewVerbs } from '../../../../server/orders/verbs-contract.ts'
import { post } from '../../api.ts'
import { NotSaved } from '../../ui/act/not-saved.tsx'
import { type Receiver, ReceiverFields } from '../../ui/address/receiver-fields.tsx'
import { Note } from '../../ui/base/empty.tsx'
import { shared } from '../../ui/base/words.ts'
import { Check, Choice, TextArea } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import type { OrderDetail } from '../types.ts'
import { courierOptions } from './desk-dialogs.tsx'
import '../desk.css'

/**
 * Changes receiver, courier, urgency and own note. If another user has changed the order meanwhile, the change is refused and that user is
 * named.
 */
export default function EditDialog({ order, onClose }: { order: OrderDetail; onClose: () => void }) {
  const say = useSay()
  const { receiver, setReceiver, courier, setCourier, urgent, setUrgent, ownNote, setOwnNote, edit } =
    useEdit(order)
  const save = useSaveEdit(order, edit, onClose)
  const why = (field: string) => {
    const verdict = order.actions.find(({ action }) => action === `edit-${field}`)
    return verdict && !verdict.allowed && verdict.message ? say(verdict.message) : undefined
  }
  const title = say(['修改 {no}', 'Change {no}'], { no: order.no })
  const stays = why('receiver')
  return (
    <FormDialog
      title={title}
      act={say(shared.save)}
      busy={save.isPending}
      why={
        Object.keys(edit).length === 0
          ? say(['没有改动', 'Nothing is changed'])
          : edit.receiver?.province && !edit.receiver.city
            ? say(['选了省，还要选市', 'Choose the city as well'])
            : undefined
      }
      wide
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {stays ? (
        <Note tone="warn">{stays}</Note>
      ) : (
        <>
          <p className="t2 small">
            {say(
              [
                '现在是 {masked} · {region}。只填要改的，留空不变。',
                'Now {masked} · {region}. Fill in what changes; the rest stays.',
              ],
              { masked: order.receiverMasked, region: order.region },
            )}
          </p>
          <ReceiverFields value={receiver} onChange={setReceiver} />
          <Choice
            label={say(['快递', 'Courier'])}
            value={courier}
            onChange={setCourier}
            options={courierOptions(say)}
          />
        </>
      )}
      {why('urgent') === undefined && (
        <Check label={say(['加急', 'Urgent'])} checked={urgent} onChange={setUrgent} />
      )}
      <TextArea
        label={say(['内部备注，不回写平台', 'Own note, never sent to the platform'])}
        rows={2}
        value={ownNote}
        maxLength={500}
        onChange={setOwnNote}
      />
      <NotSaved save={save} />
    </FormDialog>
  )
}

/** The fields as they are edited. `edit`: those that were changed. */
function useEdit(order: OrderDetail) {
  const [receiver, setReceiver] = useState<Receiver>({})
  const [courier, setCourier] = useState(order.courier)
  const [urgent, setUrgent] = useState(order.urgent)
  const [ownNote, setOwnNote] = useState(order.ownNote)
  const given = givenOf(receiver)
  const edit: Edit = {
    ...(Object.keys(given).length > 0 ? { receiver: given } : {}),
    ...(courier === order.courier ? {} : { courier }),
    ...(urgent === order.urgent ? {} : { urgent }),
    ...(ownNote === order.ownNote ? {} : { ownNote }),
  }
  return { receiver, setReceiver, courier, setCourier, urgent, setUrgent, ownNote, setOwnNote, edit }
}

type Edit = { receiver?: Receiver; courier?: string; urgent?: boolean; ownNote?: string }

function useSaveEdit({ id, version: now }: OrderDetail, edit: Edit, onClose: () => void) {
  const say = useSay()
  const queries = useQueryClient()
  // The version when the dialog opened. The order is reloaded in the background, and another user's change must not be overwritten unseen.
  const [version] = useState(now)
  return useMutation({
    mutationFn: () => post('/orders/edit', { edits: [{ id, version, ...edit }] }),
    onSuccess: async ({ results: [first] }) => {
      if (!first?.done) return
      toast('ok', say(reviewVerbs.edit.done))
      onClose()
      await queries.invalidateQueries()
    },
  })
}

/**
 * Returns the filled fields. With a new city, district and street office become empty unless they are filled too, because the old ones
 * belong to the old city.
 */
function givenOf(receiver: Receiver): Receiver {
  const given: Receiver = Object.fromEntries(
    Object.entries(receiver).filter(([, value]) => value.trim() !== ''),
  )
  return given.city ? { district: '', town: '', ...given } : given
}
