"""What a stack must hold, as plain functions. The pack for Pulumi's engine and `preflight check` run the same ones."""
