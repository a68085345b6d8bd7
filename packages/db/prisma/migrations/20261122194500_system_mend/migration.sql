-- Roles are rows since the first start: those that exist learn what is new.
INSERT INTO role_permission (role_id, permission, tenant_id)
  SELECT id, 'system.mend', tenant_id FROM role WHERE code = 'system_admin'
  ON CONFLICT DO NOTHING;
