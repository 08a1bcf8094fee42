import { permissionTable } from '../../server/users/permissions.ts'

export const permissions = Object.keys(permissionTable)
