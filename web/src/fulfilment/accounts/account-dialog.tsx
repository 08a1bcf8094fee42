import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type CourierService, insuranceOf } from '../../../../server/carriers/services-contract.ts'
import { errorText, post } from '../../api.ts'
import type { Requests } from '../../requests.ts'
import { Button } from '../../ui/base/button.tsx'
import { Note } from '../../ui/base/empty.tsx'
import { useShops, warehousesQuery } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { Choice, TextField } from '../../ui/form/form.tsx'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import type { WaybillAccount } from '../types.ts'

// What the dialogs of a waybill account share, whether its source is the shop's platform or has credentials of its own.

type Body = Requests['POST /waybill-accounts']['body']
type Sender = { name: string; mobile: string }

export function useSaveAccount(bodyOf: (enabled: boolean) => Body, onClose: () => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (enabled: boolean) => post('/waybill-accounts', bodyOf(enabled)),
    onSuccess: () => {
      onClose()
      return queries.invalidateQueries({ queryKey: ['waybill-accounts'] })
    },
  })
}

/** The frame of the dialog: its title, and the buttons that save the account, retire it or use it again. */
export function AccountDialog(props: {
  /** Undefined: a new one. */
  account: WaybillAccount | undefined
  save: ReturnType<typeof useSaveAccount>
  /** Why it cannot be saved yet. */
  why: LocalizedPair | undefined
  onClose: () => void
  children: ReactNode
}) {
  const say = useSay()
  const { account, save, why, onClose } = props
  const title = say(
    account
      ? ['修改电子面单账号', 'Change a waybill account']
      : ['新增电子面单账号', 'Add a waybill account'],
  )
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          {account && (
            <span style={{ marginRight: 'auto' }}>
              <Button
                kind={account.enabled ? 'danger-quiet' : 'plain'}
                busy={save.isPending}
                onClick={() => save.mutate(!account.enabled)}
              >
                {say(account.enabled ? ['停用', 'Retire'] : ['重新启用', 'Use again'])}
              </Button>
            </span>
          )}
          <Button onClick={onClose}>{say(shared.cancel)}</Button>
          <Button
            kind="primary"
            why={why && say(why)}
            busy={save.isPending}
            onClick={() => save.mutate(account?.enabled ?? true)}
          >
            {say(shared.save)}
          </Button>
        </>
      }
    >
      {account && <AccountName account={account} />}
      {props.children}
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
    </Dialog>
  )
}

/** Which account it is, as its row in the list says it. */
function AccountName({ account }: { account: WaybillAccount }) {
  const say = useSay()
  const courier = useCourierName()
  const shop = useShops().find(({ id }) => id === account.shopId)?.name
  const names = [courier(account.courier), shop, say(account.sourceName), account.branchName]
  return <p className="medium">{names.filter(Boolean).join(' · ')}</p>
}

/** Name and mobile of the sender. Those of an account are shown masked; left empty, they stay. */
export function SenderFields<Form extends Sender>(props: {
  account: WaybillAccount | undefined
  form: Form
  onChange: (form: Form) => void
}) {
  const say = useSay()
  const { account, form, onChange } = props
  return (
    <>
      {account && <p className="t2">{account.senderMasked}</p>}
      <div className="form-row">
        <TextField
          label={say(['发件人', 'Sender'])}
          value={form.name}
          maxLength={40}
          hint={account && say(['不填就不改', 'Left empty: unchanged'])}
          onChange={(name) => onChange({ ...form, name })}
        />
        <TextField
          label={say(['发件人手机', 'Mobile'])}
          value={form.mobile}
          inputMode="numeric"
          maxLength={11}
          onChange={(mobile) => onChange({ ...form, mobile })}
        />
      </div>
    </>
  )
}

type Insurance = { insureFrom: string; insureMost: string }

/** 保价: from which value the account insures, and the most that its courier insures; empty: not by itself, and no limit. */
export function InsuranceFields<Form extends Insurance>(props: {
  form: Form
  services: readonly CourierService[]
  onChange: (form: Form) => void
}) {
  const say = useSay()
  const { form, services, onChange } = props
  const offers = insuranceOf(services) !== ''
  if (!offers)
    // The branch may lack it, or the source's services may not be connected.
    return <p className="t2 small">{say(['这个账号不能保价', 'This account offers no insurance'])}</p>
  return (
    <div className="form-row">
      <TextField
        label={say(['货值满多少元自动保价', 'Insure goods worth ¥ or more'])}
        value={form.insureFrom}
        inputMode="decimal"
        hint={say(['不填：只保订单上要求的', 'Empty: only where an order says so'])}
        onChange={(insureFrom) => onChange({ ...form, insureFrom })}
      />
      <TextField
        label={say(['保价上限（元）', 'At most ¥'])}
        value={form.insureMost}
        inputMode="decimal"
        onChange={(insureMost) => onChange({ ...form, insureMost })}
      />
    </div>
  )
}

export const insuranceStart = (account: WaybillAccount | undefined): Insurance => ({
  insureFrom: yuanText(account?.insureFromFen),
  insureMost: yuanText(account?.insureMostFen),
})
const yuanText = (fen: number | null | undefined) => (fen == null ? '' : String(fen / 100))

export const insuranceBody = ({ insureFrom, insureMost }: Insurance) => ({
  insureFromFen: fenOf(insureFrom),
  insureMostFen: fenOf(insureMost),
})
const fenOf = (text: string) => (text.trim() === '' ? null : Math.round(Number(text) * 100))

export function lackingOfInsurance({ insureFrom, insureMost }: Insurance): LocalizedPair | undefined {
  const isWrong = [insureFrom, insureMost].some((text) => !/^(\d{1,7}(\.\d{1,2})?)?$/.test(text.trim()))
  return isWrong ? ['保价填金额，如 500', 'Insurance is an amount, such as 500'] : undefined
}

/** Returns what the sender lacks; undefined: nothing. */
export function lackingOfSender({ name, mobile }: Sender): LocalizedPair | undefined {
  if (name.trim() === '') return ['先填发件人', 'Give the sender first']
  if (!/^1\d{10}$/.test(mobile))
    return ['先填发件人的 11 位手机号', 'Give the sender’s mobile of 11 digits first']
  return undefined
}

/** `value`: empty for all warehouses. */
export function AccountWarehouse({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const say = useSay()
  const warehouses = useQuery(warehousesQuery).data?.rows ?? []
  return (
    <Choice
      label={say(['用于仓库', 'For the warehouse'])}
      value={value}
      options={[
        { value: '', label: say(['所有仓库', 'All']) },
        ...warehouses.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={onChange}
    />
  )
}
