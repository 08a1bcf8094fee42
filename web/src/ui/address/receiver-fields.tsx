import { useState } from 'react'
import { type ParsedAddress, parseAddress } from '../../../../server/lib/address/parse-address.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { TextArea, TextField } from '../form/form.tsx'
import { RegionFields, useDivisions } from './region-fields.tsx'
import './address.css'

type ReceiverField = keyof ParsedAddress
export type Receiver = Partial<Record<ReceiverField, string>>

const words: Record<ReceiverField, LocalizedPair> = {
  name: ['收件人', 'Name'],
  mobile: ['手机', 'Mobile'],
  phone: ['电话', 'Phone'],
  province: ['省', 'Province'],
  city: ['市', 'City'],
  district: ['区县', 'District'],
  town: ['街道', 'Town'],
  address: ['详细地址', 'Address'],
}
const longest: Partial<Record<ReceiverField, number>> = {
  name: 60,
  mobile: 30,
  phone: 30,
  town: 60,
  address: 200,
}

type Props = { value: Receiver; needed?: readonly ReceiverField[]; onChange: (receiver: Receiver) => void }

/** The fields of a receiver. The user pastes a whole address, which fills them, or fills in single fields. */
export function ReceiverFields({ value, needed = [], onChange }: Props) {
  const say = useSay()
  const text = (key: ReceiverField) => (
    <TextField
      label={`${say(words[key])}${needed.includes(key) ? ' *' : ''}`}
      value={value[key] ?? ''}
      maxLength={longest[key] ?? 30}
      autoComplete="off"
      onChange={(typed) => onChange({ ...value, [key]: typed })}
    />
  )
  const { province = '', city = '', district = '' } = value
  return (
    <>
      <PasteBox onTake={(parsed) => onChange({ ...value, ...parsed })} />
      <div className="receiver-row">
        {text('name')}
        {text('mobile')}
        {text('phone')}
      </div>
      <div className="receiver-row">
        <RegionFields
          value={{ province, city, district }}
          needed={needed.includes('province')}
          onChange={(region) => onChange({ ...value, ...region })}
        />
      </div>
      <div className="receiver-row street">
        {text('town')}
        {text('address')}
      </div>
    </>
  )
}

/**
 * 粘贴地址: shows how the pasted text was read, and fills the form only when the user accepts that. The pasted text is not sent to the server.
 */
function PasteBox({ onTake }: { onTake: (parsed: ParsedAddress) => void }) {
  const say = useSay()
  const [pasted, setPasted] = useState('')
  const { data: provinces } = useDivisions()
  const parsed = pasted.trim() === '' || !provinces ? undefined : parseAddress(pasted, provinces)
  const missing =
    parsed &&
    (['name', 'mobile', 'city', 'district', 'address'] as const).filter((key) => !isGiven(parsed, key))
  return (
    <div className="paste-box">
      <TextArea
        label={say(['粘贴地址', 'Paste an address'])}
        hint={
          parsed
            ? undefined
            : say([
                '姓名、电话、地址一起粘进来，先看认得对不对，再填入',
                'Name, phone and address at once; look at what was understood, then take it',
              ])
        }
        rows={2}
        value={pasted}
        maxLength={500}
        onChange={setPasted}
      />
      {parsed && (
        <div className="parsed">
          <dl>
            {(['name', 'mobile', 'phone'] as const).map(
              (key) => parsed[key] !== '' && <Fact key={key} of={key} text={parsed[key]} />,
            )}
            <div>
              <dt>{say(['地区', 'Region'])}</dt>
              <dd>
                {[parsed.province, parsed.city, parsed.district, parsed.town].filter(Boolean).join(' ') ||
                  '–'}
              </dd>
            </div>
            <Fact of="address" text={parsed.address || '–'} />
          </dl>
          <Button
            size="small"
            kind="primary"
            onClick={() => {
              onTake(parsed)
              setPasted('')
            }}
          >
            {say(['填入', 'Take it'])}
          </Button>
          {missing && missing.length > 0 && (
            <p className="parsed-missing">
              {say(['没认出：{parts}', 'Not understood: {parts}'], {
                parts: missing.map((key) => say(words[key])).join(say(['、', ', '])),
              })}
            </p>
          )}
        </div>
      )}
    </div>
  )
}

/**
 * True if the text had this field. A landline counts as the mobile number, and a town as the district; without a city no district is
 * expected.
 */
function isGiven(parsed: ParsedAddress, key: ReceiverField): boolean {
  if (key === 'mobile') return parsed.mobile !== '' || parsed.phone !== ''
  if (key === 'district') return parsed.district !== '' || parsed.town !== '' || parsed.city === ''
  return parsed[key] !== ''
}

function Fact({ of, text }: { of: ReceiverField; text: string }) {
  return (
    <div>
      <dt>{useSay()(words[of])}</dt>
      <dd>{text}</dd>
    </div>
  )
}
