import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  documentOf,
  mayRead,
  subscribable,
  webhookDocuments,
  webhookKinds,
} from '../../../server/webhooks/lifecycle.ts'
import { ApiError, errorText, patch, post } from '../api.ts'
import type { Body } from '../api-routes.ts'
import { Note } from '../ui/base/empty.tsx'
import { useMe } from '../ui/base/session.ts'
import { shared } from '../ui/base/words.ts'
import { Check, TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type Grant, ShopPicker, WarehousePicker } from '../users/grants.tsx'
import { type Say, useSay } from '../words.ts'
import type { Subscription } from './query.ts'
import { SecretShown } from './secret-dialog.tsx'

type Form = { name: string; address: string; kinds: readonly string[]; shops: Grant; warehouses: Grant }

const start = (row: Subscription | undefined, usual: readonly string[]): Form => ({
  ...{ name: row?.name ?? '', address: '', kinds: row?.kinds ?? usual },
  ...{ shops: row?.shops ?? 'all', warehouses: row?.warehouses ?? 'all' },
})

/** Adds a subscription or changes one. The address stays if its field is left empty. */
export function SubscriptionDialog(props: { subscription: Subscription | undefined; onClose: () => void }) {
  const { subscription, onClose } = props
  const say = useSay()
  const queries = useQueryClient()
  const me = useMe()
  const usual = ['order', 'delivery'].filter((one) => mayRead(me?.permissions, one)).map((one) => `${one}.*`)
  const [form, setForm] = useState(() => start(subscription, usual))
  const set = (change: Partial<Form>) => setForm({ ...form, ...change })
  const save = useMutation({
    mutationFn: async () => {
      const { address, ...rest } = bodyOf(form)
      if (!subscription) return post('/webhooks', { ...rest, address })
      await patch(
        '/webhooks/:id',
        { ...rest, ...(address === '' ? {} : { address }) },
        { id: subscription.id },
      )
      return undefined
    },
    onSuccess: (made) => {
      if (!made) {
        toast('ok', say(['已保存', 'Saved']))
        onClose()
      }
      return queries.invalidateQueries({ queryKey: ['/webhooks'] })
    },
  })
  const title = say(subscription ? ['修改推送', 'Change a webhook'] : ['新增推送', 'New webhook'])
  if (save.data) return <SecretShown title={form.name} secret={save.data.secret} onClose={onClose} />
  const wrong =
    save.error instanceof ApiError && save.error.field === 'address' ? errorText(save.error) : undefined
  return (
    <FormDialog
      wide
      title={title}
      act={say(shared.save)}
      why={lackingIn(form, subscription === undefined, say)}
      busy={save.isPending}
      keeps={subscription === undefined && save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label={say(['名称，比如接收的程序', 'Name, such as that of the program'])}
        value={form.name}
        maxLength={60}
        onChange={(name) => set({ name })}
      />
      <TextField
        label={say(['接收地址', 'Address'])}
        value={form.address}
        placeholder={subscription ? say(['不填就不改', 'Leave empty to keep it']) : 'https://'}
        maxLength={500}
        wrong={wrong}
        onChange={(address) => set({ address })}
      />
      <Kinds value={form.kinds} onChange={(kinds) => set({ kinds })} />
      <div className="form-row">
        <div>
          <ShopPicker value={form.shops} onChange={(shops) => set({ shops })} />
        </div>
        <div>
          <WarehousePicker value={form.warehouses} onChange={(warehouses) => set({ warehouses })} />
        </div>
      </div>
      {save.error && !wrong && <Note tone="bad">{errorText(save.error)}</Note>}
    </FormDialog>
  )
}

/** The kinds by document: all of it by one mark, or single ones. */
function Kinds({ value, onChange }: { value: readonly string[]; onChange: (kinds: string[]) => void }) {
  const say = useSay()
  const me = useMe()
  const toggle = (kind: string, on: boolean, without: readonly string[] = []) =>
    onChange([...value.filter((each) => each !== kind && !without.includes(each)), ...(on ? [kind] : [])])
  return (
    <fieldset className="stack" aria-label={say(['事件', 'Events'])}>
      <legend className="t2">{say(['事件', 'Events'])}</legend>
      {Object.entries(webhookDocuments)
        .filter(([document]) => mayRead(me?.permissions, document))
        .map(([document, words]) => {
          const own = Object.entries(webhookKinds).filter(([kind]) => documentOf(kind) === document)
          const whole = `${document}.*`
          const all = value.includes(whole)
          return (
            <details key={document} className="form-more" open={own.some(([kind]) => value.includes(kind))}>
              <summary>
                {say(words)}{' '}
                <span className="t2">
                  {countText(all, own.filter(([kind]) => value.includes(kind)).length, say)}
                </span>
              </summary>
              <div>
                <Check
                  label={say(['全部，包括以后新增的', 'All, later ones too'])}
                  checked={all}
                  onChange={(on) =>
                    toggle(
                      whole,
                      on,
                      own.map(([kind]) => kind),
                    )
                  }
                />
                {!all &&
                  own.map(([kind, each]) => (
                    <Check
                      key={kind}
                      label={
                        <>
                          {say(each)} <code className="t3 small">{kind}</code>
                        </>
                      }
                      checked={value.includes(kind)}
                      onChange={(on) => toggle(kind, on)}
                    />
                  ))}
              </div>
            </details>
          )
        })}
    </fieldset>
  )
}

function countText(all: boolean, chosen: number, say: Say): string {
  if (all) return say(['全部', 'All'])
  return chosen === 0 ? say(['不要', 'None']) : say(['{n} 种', '{n} {n|kind|kinds}'], { n: String(chosen) })
}

function bodyOf({ name, address, kinds, shops, warehouses }: Form): Body<'POST', '/webhooks'> {
  return {
    ...{ name: name.trim(), address: address.trim() },
    kinds: kinds.filter((kind): kind is Body<'POST', '/webhooks'>['kinds'][number] =>
      subscribable.includes(kind),
    ),
    ...{ shops: shops === 'all' ? null : shops, warehouses: warehouses === 'all' ? null : warehouses },
  }
}

function lackingIn(
  { name, address, kinds, shops, warehouses }: Form,
  isNew: boolean,
  say: Say,
): string | undefined {
  if (name.trim() === '') return say(['先填名称', 'Give it a name first'])
  if (isNew && address.trim() === '') return say(['先填接收地址', 'Enter the address first'])
  if (kinds.length === 0) return say(['先选事件', 'Choose events first'])
  if (shops.length === 0) return say(['先选店铺', 'Choose shops first'])
  if (warehouses.length === 0) return say(['先选仓库', 'Choose warehouses first'])
  return undefined
}
