//! `GET /api/resources/{id}/history`.
