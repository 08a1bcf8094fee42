import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ApiError, errorText, get } from '../../api.ts'
import { Segments } from '../../ui/base/button.tsx'
import { LoadError, Note } from '../../ui/base/empty.tsx'
import { useShops } from '../../ui/base/session.ts'
import { Choice } from '../../ui/form/form.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import type { WaybillAccount, WaybillService } from '../types.ts'
import {
  AccountDialog,
  AccountWarehouse,
  InsuranceFields,
  insuranceBody,
  insuranceStart,
  lackingOfInsurance,
  lackingOfSender,
  SenderFields,
  useSaveAccount,
} from './account-dialog.tsx'
import { OwnAccountDialog, ownSourcesQuery } from './own-account-dialog.tsx'

type Form = {
  shopId: string
  /** Index of the chosen branch (网点) among the branches that the shop has subscribed to, as text; empty: none is chosen. */
  branch: string
  address: string
  template: string
  name: string
  mobile: string
  warehouseId: string
  insureFrom: string
  insureMost: string
}

type Branch = WaybillService['branches'][number]
type Props = { account: WaybillAccount | undefined; onClose: () => void }
const ofPlatform = 'platform'

/** Adds a waybill account, of the shop's platform or of a source with credentials of its own, or changes one. */
export function WaybillAccountDialog({ account, onClose }: Props) {
  const say = useSay()
  const own = useQuery(ownSourcesQuery).data?.rows ?? []
  const [kind, setKind] = useState(ofPlatform)
  const isOwn = own.some(({ id }) => id === (account?.source ?? kind))
  const head = account === undefined && own.length > 0 && (
    <Segments
      label={say(['来源', 'Source'])}
      value={kind}
      options={[
        { value: ofPlatform, label: say(['店铺平台的电子面单', 'Waybills of the platform']) },
        ...own.map(({ id, name }) => ({ value: id, label: say(name) })),
      ]}
      onChange={setKind}
    />
  )
  const Form = isOwn ? OwnAccountDialog : PlatformAccountDialog
  return <Form account={account} head={head} onClose={onClose} />
}

/**
 * Adds a waybill account from the branches that the shop has subscribed to, or changes the sender of an account and whether it is enabled.
 */
function PlatformAccountDialog(props: Props & { head: ReactNode }) {
  const { account, onClose } = props
  const say = useSay()
  const shops = useShops()
  const [given, setForm] = useState<Form>({
    ...{ shopId: account?.shopId ?? '', branch: '', address: '0', template: '0' },
    ...{ name: '', mobile: '', warehouseId: account?.warehouseId ?? '' },
    ...insuranceStart(account),
  })
  // The shops may be loaded after the dialog has opened; then the first one is chosen.
  const form = given.shopId === '' ? { ...given, shopId: shops[0]?.id ?? '' } : given
  const service = useQuery({
    queryKey: ['waybill-service', form.shopId],
    queryFn: () => get('/shops/:id/waybill-service', { id: form.shopId }),
    enabled: form.shopId !== '' && (account === undefined || isTyped(form)),
    retry: false,
  })
  const branch = branchOf(service.data, account, form)
  const fields = account ?? newAccountOf(service.data, branch, form)
  const sender = senderOf(form, branch)
  const save = useSaveAccount(
    (enabled) => ({ ...bodyOf(fields, sender, enabled), ...insuranceBody(form) }),
    onClose,
  )
  const failed = service.error && <NotRead error={service.error} onRetry={() => void service.refetch()} />
  const keepsSender = account !== undefined && !isTyped(form)
  const why = (keepsSender ? undefined : whyNot(form, fields, sender)) ?? lackingOfInsurance(form)
  return (
    <AccountDialog {...{ account, save, onClose, why }}>
      {props.head}
      {!account && (
        <>
          <Choice
            label={say(['店铺', 'Shop'])}
            value={form.shopId}
            options={shops.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(shopId) => setForm({ ...form, shopId, branch: '' })}
          />
          {failed}
          {service.data && <ServiceFields service={service.data} form={form} onChange={setForm} />}
        </>
      )}
      <SenderFields {...{ account, form }} onChange={setForm} />
      {account && !keepsSender && (
        <>
          {failed}
          {branch && <BranchAddress {...{ branch, form }} onChange={setForm} />}
        </>
      )}
      {fields && <InsuranceFields {...{ form, services: fields.services }} onChange={setForm} />}
    </AccountDialog>
  )
}

/** A platform without e-waybills would give the same answer again, so it is not asked again. */
function NotRead({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return error instanceof ApiError && error.code === 'no_platform_waybills' ? (
    <Note tone="warn">{errorText(error)}</Note>
  ) : (
    <LoadError error={error} onRetry={onRetry} />
  )
}

type FieldsOf<More> = { form: Form; onChange: (form: Form) => void } & More

function ServiceFields({ service, form, onChange }: FieldsOf<{ service: WaybillService }>) {
  const say = useSay()
  const courier = useCourierName()
  const branch = service.branches[Number(form.branch || -1)]
  const left = (balance: number | null) =>
    balance === null
      ? say(['月结', 'monthly'])
      : say(['余 {n}', '{n} left'], { n: balance.toLocaleString('en') })
  return (
    <>
      <Choice
        label={say(['快递和网点', 'Courier and branch'])}
        value={form.branch}
        options={[
          { value: '', label: say(['选择…', 'Choose…']) },
          ...service.branches.map((one, at) => ({
            value: String(at),
            label: `${courier(one.courier)} · ${one.branchName} · ${left(one.balance)}`,
          })),
        ]}
        onChange={(value) => onChange({ ...form, branch: value, address: '0', template: '0' })}
      />
      {branch && (
        <>
          <BranchAddress {...{ branch, form, onChange }} />
          <div className="form-row">
            <Choice
              label={say(['面单', 'Label'])}
              value={form.template}
              options={templatesOf(service, branch.courier).map(({ name }, at) => ({
                value: String(at),
                label: name,
              }))}
              onChange={(template) => onChange({ ...form, template })}
            />
            <AccountWarehouse
              value={form.warehouseId}
              onChange={(warehouseId) => onChange({ ...form, warehouseId })}
            />
          </div>
        </>
      )}
    </>
  )
}

/** A branch sends from the addresses that are registered with it. */
function BranchAddress({ branch, form, onChange }: FieldsOf<{ branch: Branch }>) {
  const say = useSay()
  return (
    <Choice
      label={say(['发货地址', 'Address'])}
      value={form.address}
      options={branch.addresses.map((one, at) => ({
        value: String(at),
        label: Object.values(one).join(''),
      }))}
      onChange={(address) => onChange({ ...form, address })}
    />
  )
}

const isTyped = ({ name, mobile }: Form) => name.trim() !== '' || mobile !== ''

const templatesOf = (service: WaybillService, courier: string) =>
  service.templates.filter((template) => template.courier === courier)

/** Returns the branch of the account, or the one that is chosen for a new account. */
function branchOf(
  service: WaybillService | undefined,
  account: WaybillAccount | undefined,
  form: Form,
): Branch | undefined {
  if (!account) return form.branch === '' ? undefined : service?.branches[Number(form.branch)]
  return service?.branches.find(
    ({ courier, branchCode }) => courier === account.courier && branchCode === account.branchCode,
  )
}

function newAccountOf(service: WaybillService | undefined, branch: Branch | undefined, form: Form) {
  const template = branch && service && templatesOf(service, branch.courier)[Number(form.template)]
  if (!branch || !template || !service) return undefined
  const { courier, branchCode, branchName, services } = branch
  return {
    ...{ shopId: form.shopId, source: service.source, courier, branchCode, branchName, services },
    ...{ templateName: template.name, templateUrl: template.url },
    warehouseId: form.warehouseId === '' ? null : form.warehouseId,
  }
}

type Fields = NonNullable<ReturnType<typeof newAccountOf>>

/** Returns the sender once it is whole. */
function senderOf(form: Form, branch: Branch | undefined) {
  const address = branch?.addresses[Number(form.address)]
  if (!address || lackingOfSender(form)) return undefined
  return { name: form.name.trim(), mobile: form.mobile, phone: '', address }
}

function bodyOf(fields: Fields | undefined, sender: ReturnType<typeof senderOf>, enabled: boolean) {
  if (!fields) throw new Error('No branch is chosen.')
  const { shopId, source, courier, branchCode, branchName, templateName, templateUrl, warehouseId } = fields
  return {
    services: fields.services,
    ...{ shopId, source, courier, branchCode, branchName, templateName, templateUrl, warehouseId, enabled },
    ...(sender && { sender }),
  }
}

function whyNot(
  form: Form,
  fields: Fields | undefined,
  sender: ReturnType<typeof senderOf>,
): LocalizedPair | undefined {
  if (!fields) return ['先选快递和网点', 'Choose courier and branch first']
  if (sender) return undefined
  return (
    lackingOfSender(form) ?? ['还没读到网点的发货地址', 'The addresses of the branch have not been read yet']
  )
}
