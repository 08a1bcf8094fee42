import type { Static } from 'typebox'
import type {
  apiKeyRow,
  auditRow,
  linkAnswer,
  roleRow,
  rolesAnswer,
  userRow,
} from '../../../server/users/contract.ts'
import type { Json } from '../ui/base/json.ts'

export type UserRow = Json<Static<typeof userRow>>
export type RoleRow = Static<typeof roleRow>
export type Roles = Static<typeof rolesAnswer>
export type ApiKeyRow = Json<Static<typeof apiKeyRow>>
export type AuditRow = Json<Static<typeof auditRow>>
export type Link = Json<Static<typeof linkAnswer>>
