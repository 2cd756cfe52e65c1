module github.com/hookgate/hookgate/plugins-sdk/go

go 1.24
